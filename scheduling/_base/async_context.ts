/** The async context, which holds the stores of all `AsyncLocalStorage`s. @module */

/** An opaque handle of the current stores; undefined when there are none. */
export type AsyncContext = unknown;

interface ContextAccess {
  getAsyncContext(): AsyncContext;
  setAsyncContext(context: AsyncContext): void;
}

// Internal to Deno, present in 2.2 to 2.9 at least. The public APIs cost more than a whole call.
const access = findAccess();

/** The current context; also undefined where Deno gives no access to it. */
export function currentContext(): AsyncContext {
  return access?.getAsyncContext();
}

/** Restores a context that user code may have changed. */
export function returnTo(context: AsyncContext): void {
  access?.setAsyncContext(context);
}

/** Calls a function in a context, then restores the current one, even if the function throws. */
export function inContext<R>(context: AsyncContext, fn: () => R): R {
  if (access === undefined) return fn();
  const outer = access.getAsyncContext();
  if (context !== outer) access.setAsyncContext(context);
  try {
    return fn();
  } finally {
    access.setAsyncContext(outer);
  }
}

/** Calls a function that creates something that outlives the calling code, such as a timer. */
export function withoutContext<R>(fn: () => R): R {
  return inContext(undefined, fn);
}

function findAccess(): ContextAccess | undefined {
  if (typeof Deno === "undefined") return undefined;
  const { internal } = Deno as unknown as { internal?: symbol };
  const internals = internal && (Deno as unknown as Record<symbol, unknown>)[internal];
  const { core } = (internals ?? {}) as { core?: Partial<ContextAccess> };
  const { getAsyncContext, setAsyncContext } = core ?? {};
  const isComplete = typeof getAsyncContext === "function" && typeof setAsyncContext === "function";
  return isComplete ? { getAsyncContext, setAsyncContext } : undefined;
}
