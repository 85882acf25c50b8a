/**
 * How a program reaches the server of NATS.
 *
 * @module
 */

import type { ConnectionOptions, NatsConnection } from "@nats-io/nats-core";
import { show } from "../../scheduling/_base/check.ts";
import { checkAddresses } from "./_wire/addresses.ts";

/**
 * The address of a server, or of several servers of a cluster with commas between them; or a function that
 * connects, for credentials, TLS, or another transport. A connection that it returns is closed when it is no
 * longer needed, and the function is called again for the next run. With `noAsyncTraces` its requests, and
 * so its calls, are quicker.
 *
 * @example Connect by user and password
 * ```ts
 * import { type NatsConnect, NatsExecutor } from "@amltk/scheduling/executors/nats";
 * import { usernamePasswordAuthenticator } from "@nats-io/nats-core";
 * import { connect as connectNats } from "@nats-io/transport-deno";
 * import { assertEquals } from "@std/assert";
 *
 * const connect: NatsConnect = () =>
 *   connectNats({
 *     servers: "nats://broker.example:4222",
 *     authenticator: usernamePasswordAuthenticator("scheduler", () => "the password"),
 *     maxReconnectAttempts: -1,
 *     noAsyncTraces: true,
 *   });
 * assertEquals(new NatsExecutor({ connect, queue: "train" }).name, "NatsExecutor");
 * ```
 *
 * @category Executors
 */
export type NatsConnect = string | (() => Promise<ClientConnection>);

/**
 * What the client of NATS connects.
 *
 * @internal
 */
export type ClientConnection = NatsConnection;

/** A server may be restarted, and a frozen connection must not go unnoticed for the default of minutes. */
export const CONNECTION_SETTINGS: ConnectionOptions = {
  maxReconnectAttempts: -1,
  reconnectTimeWait: 250,
  pingInterval: 5_000,
  maxPingOut: 2,
  // Otherwise the client makes a stack ahead for each request: a seventh of a call's time, and nobody sees it.
  noAsyncTraces: true,
};

/** Throws for what is neither an address nor a function. */
export function checkConnect(connect: unknown): void {
  if (typeof connect === "function") return;
  if (typeof connect === "string" && connect !== "") {
    return checkAddresses(
      connect,
      "connect must be a function that connects with an authenticator",
    );
  }
  throw new TypeError(
    `connect must be the address of a NATS server, such as "nats://127.0.0.1:4222", or a function that ` +
      `returns a connection, not ${show(connect)}`,
  );
}

/** Connects; `name` is what the server shows of the connection. */
export async function openConnection(connect: NatsConnect, name: string): Promise<NatsConnection> {
  if (typeof connect === "function") return await connect();
  const transport = await import("@nats-io/transport-deno");
  return await transport.connect({ ...CONNECTION_SETTINGS, servers: connect.split(","), name });
}
