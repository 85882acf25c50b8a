/** The shared values of a run, which the worker fetches from the server. @module */

import { pause } from "../../../scheduling/_base/time.ts";
import { deserialize } from "../../../scheduling/_base/v8_values.ts";
import type { Executor } from "../../../scheduling/executor.ts";
import { inParallel } from "../_wire/in_parallel.ts";
import type { SharedArgument } from "../_wire/messages.ts";
import type { Store } from "../_wire/session_log.ts";
import type { RunSubjects } from "../_wire/subjects.ts";

// A server of a cluster may not have it yet, and a connection may be down for a while.
const ATTEMPTS = 100;
const PAUSE_MS = 200;

/** Fetches each value once, and shares it with the workers of this program. */
export class FetchedValues {
  readonly #store: Store;
  readonly #run: RunSubjects;
  readonly #executor: Executor;
  readonly #values = new Map<number, Promise<object> | object>();

  constructor(store: Store, run: RunSubjects, executor: Executor) {
    this.#store = store;
    this.#run = run;
    this.#executor = executor;
  }

  /** Puts the values into their places; undefined if all of them are here. */
  complete(args: unknown[], shared: readonly SharedArgument[]): Promise<unknown> | undefined {
    const pending: Promise<void>[] = [];
    for (const { index, id, parts } of shared) {
      const value = this.#values.get(id) ?? this.#fetch(id, parts);
      if (!(value instanceof Promise)) args[index] = value;
      else {
        pending.push(value.then((fetched) => {
          args[index] = fetched;
        }));
      }
    }
    return pending.length === 0 ? undefined : Promise.all(pending);
  }

  /** Drops a value. */
  release(id: number): void {
    const value = this.#values.get(id);
    this.#values.delete(id);
    if (value !== undefined && !(value instanceof Promise)) this.#executor.release?.(value);
  }

  #fetch(id: number, parts: number): Promise<object> {
    const fetching = this.#fetchNow(id, parts);
    this.#values.set(id, fetching);
    fetching.then((value) => {
      if (this.#values.get(id) === fetching) this.#values.set(id, value);
      else this.#executor.release?.(value);
    }, () => this.#values.delete(id));
    return fetching;
  }

  async #fetchNow(id: number, parts: number): Promise<object> {
    const chunks: Uint8Array[] = [];
    await inParallel(parts, async (part) => {
      chunks[part] = await this.#fetchPart(this.#run.value(id, part));
    });
    const bytes = new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
    const value = deserialize(bytes) as object;
    return this.#executor.share?.(value) ?? value;
  }

  async #fetchPart(subject: string): Promise<Uint8Array> {
    const { manager, stream } = this.#store;
    for (let attempt = 1;; attempt++) {
      try {
        const found = await manager.direct.getMessage(stream, { last_by_subj: subject });
        if (found !== null) return found.data;
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
      }
      if (attempt === ATTEMPTS) throw new Error("the server no longer has it");
      await pause(PAUSE_MS);
    }
  }
}
