/** The worker module of the raw pool: one trivial function. @module */

import { answerWith } from "./raw_worker_scope.ts";

answerWith((n) => n);
