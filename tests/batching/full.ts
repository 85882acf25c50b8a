/** For `deno test --preload`: calls cross in batches of 256, whatever they take. @module */

import { defaults } from "../../executors/_calls/batch_size.ts";

defaults.batch = 256;
