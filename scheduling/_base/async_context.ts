/** The async context, in which the platform keeps the stores of all `AsyncLocalStorage`s. @module */

/** The stores that code sees; undefined when there is none. Nothing else is known of it. */
export type AsyncContext = unknown;

interface ContextAccess {
  getAsyncContext(): AsyncContext;
  setAsyncContext(context: AsyncContext): void;
}

// An internal of Deno, present from 2.2 to 2.9 at least: the public ways cost more than a call does.
const access = findAccess();

/** The context of the running code; undefined also where Deno does not give it. */
export function currentContext(): AsyncContext {
  return access?.getAsyncContext();
}

/** Goes back to a context that code of users may have left. */
export function returnTo(context: AsyncContext): void {
  access?.setAsyncContext(context);
}

/** Calls a function in a context, then goes back to the current one, whatever the function does. */
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

/** Calls a function that makes something which outlives the code that asks for it. */
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
