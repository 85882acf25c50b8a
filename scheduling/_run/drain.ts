/** Waits for the unsettled calls at the end of a run. @module */

import { callAfter, settlesWithin, userTimers } from "../_base/time.ts";
import type { RunSettings } from "../run_options.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { noticeWaiting } from "./notices.ts";

// A program that waits longer without output seems to hang.
const NOTICE_MS = 5000;

/** Cancels calls or lets them finish, according to `wait`; resolves when none is unsettled. */
export async function drain(
  dispatcher: Dispatcher,
  drained: Promise<void>,
  wait: RunSettings["wait"],
): Promise<void> {
  const isBounded = typeof wait === "number";
  dispatcher.drain(isBounded ? true : wait);
  if (isBounded) dispatcher.channels.abortAll();
  if (dispatcher.queue.size === 0) return;
  const notice = () => noticeWaiting(dispatcher.queue, NOTICE_MS / 1000);
  const cancelNotice = callAfter(NOTICE_MS, notice);
  if (isBounded && !await settlesWithin(drained, wait, userTimers())) dispatcher.drain(false);
  await drained;
  cancelNotice();
}
