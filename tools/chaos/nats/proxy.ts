/** A way to the server that can be cut. @module */

/** Passes connections on to a port of this machine, until it is told not to. */
export class Proxy {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #target: number;
  readonly #open = new Set<Deno.Conn>();
  #isCut = false;
  #thawed: Promise<void> = Promise.resolve();
  #thaw = () => {};

  /** Passes on to the port `target`. */
  constructor(target: number) {
    this.#target = target;
    this.#accept();
  }

  /** The port to connect to. */
  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** Ends all connections, and takes none for so many milliseconds. */
  async cut(milliseconds: number): Promise<void> {
    this.#isCut = true;
    this.#closeAll();
    await sleep(milliseconds);
    this.#isCut = false;
  }

  /** Passes nothing on for so many milliseconds; what is sent meanwhile arrives late. */
  async freeze(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#thawed = promise;
    this.#thaw = resolve;
    await sleep(milliseconds);
    resolve();
  }

  /** Ends all connections for good. */
  close(): void {
    this.#thaw();
    this.#listener.close();
    this.#closeAll();
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) this.#connect(client);
  }

  async #connect(client: Deno.Conn): Promise<void> {
    this.#open.add(client);
    if (this.#isCut) return this.#end(client);
    try {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
      this.#open.add(server);
      await Promise.race([this.#pass(client, server), this.#pass(server, client)]);
      this.#end(server);
    } catch {
      // The server is down, or one side has ended the connection.
    }
    this.#end(client);
  }

  async #pass(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const writer = to.writable.getWriter();
    try {
      for await (const bytes of from.readable) {
        await this.#thawed;
        await writer.write(bytes);
      }
    } catch {
      // One side has ended the connection.
    }
  }

  #closeAll(): void {
    for (const connection of this.#open) this.#end(connection);
  }

  #end(connection: Deno.Conn): void {
    if (!this.#open.delete(connection)) return;
    try {
      connection.close();
    } catch {
      // Its streams have closed it.
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
