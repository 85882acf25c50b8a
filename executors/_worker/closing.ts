/** Ends an idle worker as its tasks may have prepared for: by listeners. @module */

type Listener = () => unknown;

/** Calls the listeners of a worker that is asked to end, then ends it. */
export class Closing {
  readonly #exit: () => void;
  // Kept, because tasks may replace it.
  readonly #setTimeout = setTimeout;
  readonly #wrapped = new WeakMap<Listener, Listener>();
  readonly #uncalled = new Set<Listener>();
  #begun = false;

  /** Makes itself known to `Deno.addSignalListener()`, which `process.on()` calls, too. */
  constructor(exit: () => void) {
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
   * Dispatches `beforeunload`, calls the listeners for SIGTERM, waits for their promises, for at most
   * `grace` milliseconds, and ends the worker.
   */
  async end(grace: number): Promise<void> {
    if (this.#begun) return;
    this.#begun = true;
    const late = new Promise((resolve) => this.#setTimeout.call(globalThis, resolve, grace));
    dispatchEvent(new Event("beforeunload"));
    await Promise.race([Promise.all([...this.#uncalled].map(settle)), late]);
    this.#exit();
  }

  // Noted when it is called, because the operating system may send that signal first.
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
    reportError(error);
  }
}
