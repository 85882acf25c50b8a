/** What connects a slot to its worker: calls, channels and output over one link. @module */

import type { OutputListener } from "../../scheduling/executor.ts";
import { BatchedCalls } from "../_calls/batched_calls.ts";
import type { BatchTransport } from "../_calls/batch_transport.ts";
import type { InFlight } from "../_calls/in_flight.ts";
import { type PoolTables, type SendCommand, SentToWorker } from "../_calls/sent_to_worker.ts";
import { StreamTransport } from "../_calls/stream_transport.ts";
import { ThreadTransport } from "../_calls/thread_transport.ts";
import { WorkerChannels } from "../_channels/worker_channels.ts";
import { WorkerOutput } from "../_channels/worker_output.ts";
import type { FrameStream, WorkerLink } from "../_links/worker_link.ts";
import { wrap } from "../_wire/comlink.ts";
import { type CallPlace, type WorkerApi, wrapMessage } from "../_wire/protocol.ts";

/** What a connection needs of its slot. */
export interface ConnectionParts {
  /** The functions and shared values of the pool. */
  readonly tables: PoolTables;
  /** Takes what is printed in the worker; undefined to let it print as usual. */
  readonly output: OutputListener | undefined;
  /** Reports the calls that have ended before the one at this place. */
  reportBefore(place: CallPlace): void;
}

/** The connection of one worker. */
export class WorkerConnection {
  readonly initialize: WorkerApi["initialize"];
  /** The functions and shared values that the worker has. */
  readonly sent: SentToWorker;
  readonly channels: WorkerChannels;
  readonly output: WorkerOutput | undefined;
  /** The calls in flight. */
  readonly calls: InFlight;

  constructor({ endpoint, frames }: WorkerLink, parts: ConnectionParts) {
    // Kept, because a proxy makes a new function at each access to a method.
    const { initialize, runBatch } = wrap<WorkerApi>(endpoint);
    const send: SendCommand = (command, moved) => endpoint.send(wrapMessage(command), moved);
    const sharesMemory = frames === undefined;
    this.initialize = initialize;
    this.sent = new SentToWorker(parts.tables, send);
    this.channels = new WorkerChannels({ send, sharesMemory, abortFile: frames?.file });
    this.output = parts.output && new WorkerOutput(parts.output, {
      send,
      sharesMemory,
      callAt: (place) => this.calls.callAt(place),
      reportBefore: parts.reportBefore,
    });
    const transport = transportOf(frames, send, parts.output !== undefined);
    const takeOutput = () => this.output?.take();
    this.calls = new BatchedCalls(runBatch, this.sent, transport, this.channels, takeOutput);
  }
}

function transportOf(
  frames: FrameStream | undefined,
  send: SendCommand,
  capturesOutput: boolean,
): BatchTransport {
  if (frames === undefined) return new ThreadTransport(send);
  return new StreamTransport({ ...frames, capturesOutput }, send);
}
