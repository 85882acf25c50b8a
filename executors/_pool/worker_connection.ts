/** What connects a slot to its worker: calls, channels and output over one link. @module */

import { withoutContext } from "../../scheduling/_base/async_context.ts";
import type { OutputListener } from "../../scheduling/executor.ts";
import { BatchedCalls } from "../_calls/batched_calls.ts";
import type { BatchTransport } from "../_calls/batch_transport.ts";
import type { InFlight } from "../_calls/in_flight.ts";
import { type PoolTables, type SendCommand, SentToWorker } from "../_calls/sent_to_worker.ts";
import { StreamTransport } from "../_calls/stream_transport.ts";
import { ThreadTransport } from "../_calls/thread_transport.ts";
import { WorkerChannels } from "../_channels/worker_channels.ts";
import { WorkerOutput } from "../_channels/worker_output.ts";
import type { FrameStream, WorkerEnd, WorkerLink } from "../_links/worker_link.ts";
import type { Endpoint } from "../_wire/comlink.ts";
import { type CallPlace, wrapMessage } from "../_wire/protocol.ts";
import { type WorkerProxy, wrapWorker } from "../_wire/worker_proxy.ts";

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
  /** Resolves when calls can be sent; with the end of the worker if they never can. */
  readonly connected: Promise<WorkerEnd | undefined>;
  /** The functions and shared values that the worker has. */
  readonly sent: SentToWorker;
  readonly channels: WorkerChannels;
  readonly output: WorkerOutput | undefined;
  /** The calls in flight. */
  readonly calls: InFlight;
  #proxy: WorkerProxy | undefined;

  constructor({ endpoint, frames }: WorkerLink, parts: ConnectionParts) {
    // The worker outlives the request whose call starts it, so it must not inherit that context.
    this.connected = withoutContext(() => this.#connect(endpoint));
    const send: SendCommand = (command, moved) => endpoint.send(wrapMessage(command), moved);
    const sharesMemory = frames === undefined;
    this.sent = new SentToWorker(parts.tables, send);
    this.channels = new WorkerChannels({ send, sharesMemory, abortFile: frames?.file });
    this.output = parts.output && new WorkerOutput(parts.output, {
      send,
      sharesMemory,
      callAt: (place) => this.calls.callAt(place),
      reportBefore: parts.reportBefore,
    });
    const transport = transportOf(frames, send, parts.output !== undefined);
    this.calls = new BatchedCalls({
      runBatch: (message, moved) => this.proxy.runBatch(message, moved),
      sent: this.sent,
      transport,
      channels: this.channels,
      takeOutput: () => this.output?.take(),
    });
  }

  /** The methods of the worker, once it is connected. */
  get proxy(): WorkerProxy {
    if (this.#proxy === undefined) throw new Error("The worker is not connected");
    return this.#proxy;
  }

  async #connect(endpoint: Endpoint): Promise<WorkerEnd | undefined> {
    try {
      this.#proxy = await wrapWorker(endpoint);
      return undefined;
    } catch (cause) {
      const message = `comlink cannot be loaded: ${(cause as Error).message}`;
      return { reason: "died", message, cause };
    }
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
