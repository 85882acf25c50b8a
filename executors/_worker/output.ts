/** Sends what is printed in a worker to the pool. @module */

import { ChannelMemory } from "../_wire/channel_memory.ts";
import {
  boxed,
  type CallPlace,
  type OutputStart,
  type Printed,
  type WorkerEvent,
} from "../_wire/protocol.ts";
import { CapturedStreams } from "./captured_streams.ts";

/** What the output needs of its worker. */
export interface OutputParts {
  /** Sends an event to the pool. */
  report(event: WorkerEvent): void;
  /** The place of the running call. */
  during(): CallPlace | undefined;
}

// Kept, because tasks may replace it.
const post: (port: MessagePort, message: unknown) => void = Function.prototype.call.bind(
  MessagePort.prototype.postMessage,
);

/** Captures the output from now on; returns what a call does that ends. */
export async function captureOutput(start: OutputStart, parts: OutputParts): Promise<() => void> {
  const send = senderOf(start, parts);
  const streams = new CapturedStreams((text, stream) =>
    send({ text, stream, during: parts.during() })
  );
  await streams.install();
  return () => streams.endText();
}

function senderOf(
  { memory, port }: OutputStart,
  { report }: OutputParts,
): (printed: Printed) => void {
  if (memory === undefined || port === undefined) {
    return (printed) => report({ type: "output", printed });
  }
  const bound = new ChannelMemory(memory);
  let count = 0;
  return (printed) => {
    // Ends a function that prints in an endless loop.
    if (!bound.waitForRoom()) throw new Error("The worker is to end, so nothing can be printed");
    post(port, boxed(printed));
    bound.noteSent();
    report({ type: "output", printed: ++count });
  };
}
