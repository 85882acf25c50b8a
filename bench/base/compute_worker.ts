/** The worker module of a raw pool that computes. @module */

import { compute } from "./compute.ts";
import { answerWith } from "./raw_worker_scope.ts";

answerWith(compute);
