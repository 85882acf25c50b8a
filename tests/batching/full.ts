/** For `deno test --preload`: calls cross in batches of 256, whatever they take. @module */

import { defaults } from "../../executors/_batching.ts";

defaults.batch = 256;
