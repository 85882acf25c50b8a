/** All experiments, in the order of the table. @module */

import type { Experiment } from "../model.ts";
import type { Sizes } from "../sizes.ts";
import { chain } from "./chain.ts";
import {
  coldStartOfProcess,
  coldStartOfProgram,
  coldStartOfProgramWithProcess,
  coldStartOfWorker,
} from "./cold_start.ts";
import { emit, emitUnheard } from "./emit.ts";
import { fanOut, fanOutOfPeers } from "./fan_out.ts";
import { fanOutOfFreshPool, fanOutOfFreshProgram } from "./fresh_pool.ts";
import { copiedArgument, transferredArgument } from "./large_argument.ts";
import { largeDataOfProcesses, largeDataOfWorkers } from "./large_data.ts";
import { longestBlocked, ownCpu } from "./main_thread.ts";
import { makespan } from "./makespan.ts";
import { map } from "./map.ts";
import { flood, messagesOfProcess, messagesOfWorker, requests } from "./messages.ts";
import { linesOfWorker, silentCalls } from "./output.ts";
import { chainOfProcesses, fanOutOfProcesses, fanOutOfProcessPeers } from "./processes.ts";
import { chainOverNats, fanOutOverNats, noticeOverNats, sharedOverNats } from "./nats.ts";
import { queueGrowth } from "./queue_growth.ts";
import { queueHeap } from "./queue_heap.ts";
import { drawing, monitoredCalls } from "./queue_monitor.ts";
import { sharedData } from "./shared_data.ts";
import { display, statistics } from "./statistics.ts";
import { urgentCall } from "./urgent_call.ts";

/** Makes the experiments with these sizes. */
export function experiments(sizes: Sizes): Experiment[] {
  return [
    // First, because a process in which much has run is not cold any more.
    coldStartOfWorker(),
    coldStartOfProgram(),
    coldStartOfProcess(),
    coldStartOfProgramWithProcess(),
    fanOut(sizes),
    fanOutOfPeers(sizes),
    fanOutOfFreshPool(sizes),
    fanOutOfFreshProgram(sizes),
    map(sizes),
    chain(sizes),
    fanOutOfProcesses(sizes),
    fanOutOfProcessPeers(sizes),
    chainOfProcesses(sizes),
    makespan(sizes),
    urgentCall(sizes),
    emit(sizes),
    emitUnheard(sizes),
    queueHeap(sizes),
    queueGrowth(sizes),
    statistics(sizes),
    display(sizes),
    monitoredCalls(sizes),
    drawing(),
    messagesOfWorker(sizes),
    messagesOfProcess(sizes),
    requests(sizes),
    flood(sizes),
    silentCalls(sizes),
    linesOfWorker(sizes),
    copiedArgument(sizes),
    transferredArgument(sizes),
    ...largeDataOfWorkers(sizes),
    ...largeDataOfProcesses(sizes),
    ...sharedData(sizes),
    longestBlocked(sizes),
    ownCpu(sizes),
    chainOverNats(sizes),
    fanOutOverNats(sizes),
    noticeOverNats(),
    // Starts more programs, which would be in the way of the others.
    sharedOverNats(),
  ];
}
