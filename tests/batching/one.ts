/** For `deno test --preload`: each call crosses in a message of its own. @module */

import { defaults } from "../../executors/_batching.ts";

defaults.batch = 1;
