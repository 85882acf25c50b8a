/** The pool asks an idle worker to end: calls the listeners of its tasks first. @module */

type Listener = () => unknown;

// Kept, because tasks may replace them.
const PlatformEvent = Event;
const dispatch = dispatchEvent.bind(globalThis);
const report = reportError.bind(globalThis);

/** Calls the closing listeners of tasks, then ends the worker. */
export class Closing {
  readonly #exit: () => Promise<void>;
  readonly #wrapped = new WeakMap<Listener, Listener>();
  readonly #uncalled = new Set<Listener>();
  #closing = false;

  /** Intercepts `Deno.addSignalListener()`, which `process.on()` calls as well. */
  constructor(exit: () => Promise<void>) {
    this.#exit = exit;
    const { addSignalListener, removeSignalListener } = Deno;
    Deno.addSignalListener = (signal, listener) => {
      addSignalListener(signal, signal === "SIGTERM" ? this.#wrap(listener) : listener);
    };
    Deno.removeSignalListener = (signal, listener) => {
      const wrapped = this.#wrapped.get(listener);
      if (signal !== "SIGTERM" || wrapped === undefined) {
        return removeSignalListener(signal, listener);
      }
      this.#uncalled.delete(wrapped);
      removeSignalListener(signal, wrapped);
    };
  }

  /**
   * Dispatches `beforeunload`, calls the listeners for SIGTERM, waits for their promises for at most
   * `grace` milliseconds, and ends the worker.
   */
  async end(grace: number): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    dispatch(new PlatformEvent("beforeunload"));
    if (this.#uncalled.size > 0) await this.#callListeners(grace);
    await this.#exit();
  }

  async #callListeners(grace: number): Promise<void> {
    // Not imported statically: the platform loads its timers on use, which takes some milliseconds. Not the
    // global one, because a task may have replaced it.
    const { setTimeout } = await import("node:timers");
    const late = new Promise((resolve) => setTimeout(resolve, grace));
    await Promise.race([Promise.all([...this.#uncalled].map(settle)), late]);
  }

  // Tracks its calls, because the operating system may send the signal first.
  #wrap(listener: Listener): Listener {
    const known = this.#wrapped.get(listener);
    if (known !== undefined) return known;
    const wrapped = () => {
      this.#uncalled.delete(wrapped);
      return listener();
    };
    this.#wrapped.set(listener, wrapped);
    this.#uncalled.add(wrapped);
    return wrapped;
  }
}

async function settle(listener: Listener): Promise<void> {
  try {
    await listener();
  } catch (error) {
    report(error);
  }
}
