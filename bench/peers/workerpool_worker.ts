/** The worker module of workerpool. @module */

import workerpool from "workerpool";

workerpool.worker({ same: (n: number): number => n });
