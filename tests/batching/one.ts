/** For `deno test --preload`: each call crosses in a message of its own. @module */

import { defaults } from "../../executors/_calls/batch_size.ts";

defaults.batch = 1;
