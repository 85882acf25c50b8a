// The faults of tasks, and large values, on workers behind a NATS server.
import { Scheduler } from "@amltk/scheduling";
import { testCrashes } from "../fixtures/cases/crashes.ts";
import { testDeepValues } from "../fixtures/cases/deep_values.ts";
import { testFaultPoints } from "../fixtures/cases/fault_points.ts";
import { testLargeValues } from "../fixtures/cases/large_values.ts";
import { testRetriedCrashes } from "../fixtures/cases/retried_crashes.ts";
import { NatsFleet, QUEUES } from "../fixtures/nats_fleet.ts";
import { hasNatsServer } from "../fixtures/nats_server.ts";
import { testCase } from "../fixtures/test_case.ts";

const fleet = new NatsFleet();
// The programs of the fleet may print at any time, which is read.
const options = { ignore: !hasNatsServer, sanitizeOps: false };

for (const queue of QUEUES) {
  const test = testCase(`NatsExecutor with ${queue}`, options);
  const make = (maxConcurrent: number) => new Scheduler(fleet.executor(queue, { maxConcurrent }));
  testCrashes(test, make);
  testFaultPoints(test, make);
  testRetriedCrashes(test, make, queue === "processes");
  testDeepValues(test, make);
  testLargeValues(test, make, queue === "threads");
}
