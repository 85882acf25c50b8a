/** The link to a Web Worker. @module */

import process from "node:process";
import { AnsweringEndpoint } from "./answering_endpoint.ts";
import type { Bootstrap } from "./bootstrap.ts";
import { callAfter, settlesInGrace } from "../../scheduling/_base/time.ts";
import { watchLifeLock } from "../_wire/life_lock.ts";
import { Pacing } from "./pacing.ts";
import { dispatchWorkerEvent } from "./worker_events.ts";
import { type WorkerEvent, workerEventOf, wrapMessage } from "../_wire/protocol.ts";
import {
  CLOSING_MS,
  EXIT_MS,
  type LinkListener,
  type WorkerEnd,
  type WorkerLink,
} from "./worker_link.ts";

// A terminated thread exits within milliseconds unless it never yields.
const GRACE_MS = 2000;

/** How a Web Worker is started. */
export interface WebWorkerStart {
  readonly name: string;
  /** The module to start it with if it gets fewer permissions than this program. */
  readonly bootstrap: Bootstrap | undefined;
  /** How many milliseconds its listeners get when it is asked to end. */
  readonly grace?: number;
}

/** A Web Worker that runs `web_worker.ts`. */
export class WebWorkerLink implements WorkerLink {
  readonly endpoint: AnsweringEndpoint;
  readonly frames: undefined;
  readonly #worker: Worker;
  readonly #listener: LinkListener;
  readonly #pacing = new Pacing();
  readonly #watch = new AbortController();
  readonly #grace: number;
  readonly #death = Promise.withResolvers<void>();
  readonly #exit = Promise.withResolvers<void>();
  #ready = false;
  #watched = false;
  #ended = false;
  #runaway = false;
  #stopWaiting: (() => void) | undefined;

  constructor({ name, bootstrap, grace = CLOSING_MS }: WebWorkerStart, listener: LinkListener) {
    this.#listener = listener;
    this.#grace = grace;
    this.#worker = bootstrap === undefined
      ? new Worker(new URL("../_worker/web_worker.ts", import.meta.url), { type: "module", name })
      : new Worker(bootstrap.url, { type: "module", name, ...bootstrap.options });
    this.endpoint = new AnsweringEndpoint(
      (message, transfer) => this.#worker.postMessage(message, transfer),
      (messageNumber) => listener.answered(messageNumber),
    );
    this.#listen();
  }

  get runaway(): boolean {
    return this.#runaway;
  }

  async terminate(idle: boolean): Promise<boolean | undefined> {
    const asks = idle && !this.#ended;
    this.#ended = true;
    this.#stopWaiting?.();
    if (asks) await this.#askToEnd();
    this.#worker.terminate();
    // A worker that was not ready has run nothing that could block its exit.
    if (!this.#ready) return true;
    if (!this.#watched) return undefined;
    const ended = await settlesInGrace(this.#death.promise, GRACE_MS);
    this.#runaway = !ended;
    return ended;
  }

  unwatch(): void {
    this.#watch.abort();
    this.endpoint.close();
  }

  async #askToEnd(): Promise<void> {
    this.endpoint.send(wrapMessage({ type: "end", grace: this.#grace }));
    const ended = Promise.race([this.#exit.promise, this.#death.promise]);
    await settlesInGrace(ended, this.#grace + EXIT_MS);
  }

  #listen(): void {
    const worker = this.#worker;
    worker.addEventListener("message", ({ data }) => {
      const event = workerEventOf(data);
      if (event?.type === "comm" || event?.type === "output") {
        this.#pacing.paced(() => this.#receive(event));
      } else if (event !== undefined) this.#pacing.inOrder(() => this.#receive(event));
      else this.#pacing.inOrder(() => this.endpoint.takeAnswer(data));
    });
    worker.addEventListener("messageerror", () => {
      this.#endInOrder({ reason: "died", message: "A message of its worker could not be read" });
    });
    worker.addEventListener("error", (event) => {
      // Otherwise the error ends this process.
      event.preventDefault();
      const { stripVTControlCharacters } = process.getBuiltinModule("node:util");
      const cause = new Error(stripVTControlCharacters(event.message));
      const message = `Its worker failed: ${cause.message}`;
      this.#endInOrder({ reason: "uncaught-error", message, cause });
    });
  }

  #receive(event: WorkerEvent): void {
    if (event.type === "ready") {
      this.#ready = true;
      if (event.lifeLock !== undefined) this.#watchLife(event.lifeLock);
    }
    const end = dispatchWorkerEvent(event, {
      listener: this.#listener,
      endpoint: this.endpoint,
      what: "worker",
    });
    if (end === undefined) return;
    this.#exit.resolve();
    this.#end(end);
  }

  #watchLife(name: string): void {
    this.#watched = true;
    watchLifeLock(name, this.#watch.signal, () => {
      this.#runaway = false;
      this.#death.resolve();
      if (this.#ended) return;
      // Its last messages may still be in transit.
      this.#stopWaiting = callAfter(
        0,
        () => this.#endInOrder({ reason: "died", message: "Its worker ended without a word" }),
      );
    });
  }

  #endInOrder(end: WorkerEnd): void {
    this.#pacing.inOrder(() => this.#end(end));
  }

  #end(end: WorkerEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#listener.ended(end);
  }
}

/** Never called: puts the worker's module into the module graph for caches, vendoring and compiling. */
export function workerModule(): Promise<unknown> {
  return import("../_worker/web_worker.ts");
}
