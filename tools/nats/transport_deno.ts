/**
 * Stands in for `jsr:@nats-io/transport-deno` in development, where only the registry of npm is used: it
 * connects over TCP, with TLS if the server asks for it.
 *
 * @module
 */

import type { ConnectionOptions, NatsConnection } from "@nats-io/nats-core";
import {
  DataBuffer,
  type Deferred,
  deferred,
  extractProtocolMessage,
  INFO,
  NatsConnectionImpl,
  type Server,
  setTransportFactory,
  type Transport,
} from "@nats-io/nats-core/internal";

const CHUNK_BYTES = 2 ** 16;

/** Connects to a server of NATS. */
export function connect(options: ConnectionOptions = {}): Promise<NatsConnection> {
  setTransportFactory({ factory: () => new TcpTransport() });
  return NatsConnectionImpl.connect(options);
}

class TcpTransport implements Transport {
  readonly lang = "deno";
  readonly version = "stand-in";
  closeError?: Error;
  #connection: Deno.TcpConn | Deno.TlsConn | undefined;
  #encrypted = false;
  #done = false;
  #first: Uint8Array = new Uint8Array(0);
  #unsent: Uint8Array[] = [];
  #sending: Promise<void> | undefined;
  readonly #closed: Deferred<void | Error> = deferred();

  get isClosed(): boolean {
    return this.#done;
  }

  async connect(server: Server, options: ConnectionOptions): Promise<void> {
    const connection = await Deno.connect({ hostname: server.hostname, port: server.port });
    this.#connection = connection;
    connection.setNoDelay(true);
    try {
      const info = await this.#readInfo(connection);
      if (!info.tls_required) return;
      this.#connection = await Deno.startTls(connection, {
        hostname: server.tlsName || server.hostname,
        ...await trust(options),
      });
      this.#encrypted = true;
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    yield this.#first;
    let reason: Error | undefined;
    try {
      while (!this.#done) {
        const chunk = new Uint8Array(CHUNK_BYTES);
        const count = await this.#connection?.read(chunk) ?? null;
        if (count === null) break;
        yield chunk.subarray(0, count);
      }
    } catch (error) {
      reason = error as Error;
    }
    this.#end(reason);
  }

  isEncrypted(): boolean {
    return this.#encrypted;
  }

  send(frame: Uint8Array): void {
    if (this.#done) return;
    // The client uses the memory of the frame again.
    this.#unsent.push(frame.slice());
    this.#sending ??= this.#sendAll();
  }

  async close(error?: Error): Promise<void> {
    if (error === undefined) await this.#sending;
    this.#end(error);
  }

  disconnect(): void {
    this.#end();
  }

  closed(): Promise<void | Error> {
    return this.#closed;
  }

  discard(): void {
    try {
      this.#connection?.close();
    } catch {
      // It was closed before.
    }
  }

  async #readInfo(connection: Deno.TcpConn): Promise<{ tls_required?: boolean }> {
    for (;;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const count = await connection.read(chunk);
      if (count === null) throw new Error("The server closed the connection");
      this.#first = DataBuffer.concat(this.#first, chunk.subarray(0, count));
      const line = extractProtocolMessage(this.#first);
      if (line === "") continue;
      const info = INFO.exec(line)?.[1];
      if (info === undefined) throw new Error(`The server is not one of NATS: it said ${line}`);
      return JSON.parse(info);
    }
  }

  async #sendAll(): Promise<void> {
    await undefined;
    while (this.#unsent.length > 0) {
      const bytes = DataBuffer.concat(...this.#unsent);
      this.#unsent = [];
      try {
        for (let at = 0; at < bytes.length;) {
          at += await this.#connection?.write(bytes.subarray(at)) ?? bytes.length;
        }
      } catch {
        // The reader notices the end of the connection.
      }
    }
    this.#sending = undefined;
  }

  #end(error?: Error): void {
    if (this.#done) return;
    this.#done = true;
    if (error !== undefined) this.closeError = error;
    this.discard();
    this.#closed.resolve(error);
  }
}

async function trust({ tls }: ConnectionOptions): Promise<{ caCerts?: string[] }> {
  const file = tls?.caFile;
  return file === undefined ? {} : { caCerts: [await Deno.readTextFile(file)] };
}
