/**
 * The function's end of a channel, for executors with the feature `"comm"`.
 *
 * @module
 */

import type { MessageToCall } from "../scheduling/channel.ts";
import type { WorkerComm } from "../scheduling/worker_comm.ts";
import { type CommTransport, FunctionComm } from "./_worker/comm.ts";

export type { CommTransport };

/**
 * What a function gets as its first argument, and what its executor does with it.
 *
 * @example Pass a message to a function
 * ```ts
 * import { type CommConnection, connectComm } from "@amltk/scheduling/executors";
 * import { assertEquals } from "@std/assert";
 *
 * const connection: CommConnection = connectComm({ send: () => {} });
 * connection.receive({ type: "message", data: "hello" });
 * connection.close();
 * assertEquals(await Array.fromAsync(connection.comm), ["hello"]);
 * ```
 *
 * @category Executors
 */
export interface CommConnection {
  /** The first argument of the function. */
  readonly comm: WorkerComm;
  /**
   * Takes a message of the main thread.
   *
   * @param message What the executor was given by the `send` of `call.channel.open()`.
   */
  receive(message: MessageToCall): void;
  /** Closes the channel, once the function has ended. */
  close(): void;
}

/**
 * Makes the first argument of a function whose call has a channel.
 *
 * @param transport How its messages reach `call.channel.receive()`.
 * @returns the argument, and its connection.
 *
 * @example What a function sends
 * ```ts
 * import { connectComm } from "@amltk/scheduling/executors";
 * import { assertEquals } from "@std/assert";
 *
 * const sent: string[] = [];
 * const { comm, close } = connectComm({ send: (message) => sent.push(message.type) });
 * comm.progress(0.5);
 * close();
 * assertEquals(sent, ["progress"]);
 * ```
 *
 * @category Executors
 */
export function connectComm(transport: CommTransport): CommConnection {
  const comm = new FunctionComm(transport);
  return {
    comm,
    receive: (message) => comm.receive(message),
    close: () => comm.close(),
  };
}
