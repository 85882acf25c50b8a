/** The first answer of a process that has only the pipe for it. @module */

import { FrameProcess } from "../base/raw_frames.ts";
import { check } from "../checks.ts";
import type { ColdStartListener } from "./listener.ts";

/** Starts a process and sends it one frame. */
export async function coldStart({ began, arrived }: ColdStartListener): Promise<void> {
  began();
  const started = new FrameProcess(false);
  const [n] = await started.send([7]);
  arrived();
  check(n ?? NaN, 7);
  await started.close();
}
