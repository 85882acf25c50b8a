/**
 * What a hand-written scheduler over JetStream does: calls in a work queue, claimed by one of the workers, with
 * results in a stream. Its worker is `bare_worker.ts`.
 *
 * @module
 */

import {
  AckPolicy,
  jetstream,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
} from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-deno";
import { BARE } from "./bare_names.ts";

/** Calls by the hand-written path. */
export class BarePath {
  readonly #client: JetStreamClient;
  readonly #close: () => Promise<void>;
  #onResult: () => void = () => {};
  #count = 0;

  static async open(address: string): Promise<BarePath> {
    const connection = await connect({ servers: address });
    const client = jetstream(connection);
    const manager = await jetstreamManager(connection);
    await makeStreams(manager);
    const worker = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--allow-net",
        "--allow-env",
        "--import-map=import_map.npm.json",
        new URL("./bare_worker.ts", import.meta.url).href,
        address,
      ],
      stdout: "null",
    }).spawn();
    const close = async () => {
      worker.kill("SIGKILL");
      await worker.status;
      for (const stream of [BARE.calls, BARE.results]) await manager.streams.delete(stream);
      await connection.close();
    };
    const path = new BarePath(client, close);
    await path.#follow();
    return path;
  }

  private constructor(client: JetStreamClient, close: () => Promise<void>) {
    this.#client = client;
    this.#close = close;
  }

  /** Makes calls, all at once; resolves when they have results. */
  async call(count: number): Promise<void> {
    const done = Promise.withResolvers<void>();
    let left = count;
    this.#onResult = () => --left === 0 && done.resolve();
    for (let n = 0; n < count; n++) this.#client.publish(BARE.call, `${++this.#count}`);
    await done.promise;
  }

  close(): Promise<void> {
    return this.#close();
  }

  async #follow(): Promise<void> {
    const results = await this.#client.consumers.get(BARE.results, { filter_subjects: BARE.ends });
    await results.consume({ callback: () => this.#onResult() });
  }
}

async function makeStreams({ streams, consumers }: JetStreamManager): Promise<void> {
  await streams.add({
    name: BARE.calls,
    subjects: [BARE.call],
    retention: RetentionPolicy.Workqueue,
  });
  await streams.add({ name: BARE.results, subjects: [BARE.log] });
  await consumers.add(BARE.calls, { durable_name: BARE.consumer, ack_policy: AckPolicy.Explicit });
}
