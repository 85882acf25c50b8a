/** Imports a module that failed to load before: the platform keeps the failure under its URL. @module */

type Module = Record<string, unknown>;

interface Resolution {
  readonly url: string;
}

type Resolve<Context> = (specifier: string, context: Context) => Resolution;

interface ResolveContext {
  readonly parentURL?: string | undefined;
}

/** Of `node:module`, what older versions of Deno lack. */
interface ModuleHooks {
  registerHooks?(hooks: {
    resolve(
      specifier: string,
      context: ResolveContext,
      next: Resolve<ResolveContext>,
    ): Resolution;
  }): { deregister(): void };
}

// A fragment: what is imported is the same, though it is another module to the platform.
const MARK = "#loaded-again-";
const MARKS: RegExp = /#loaded-again-\d+/g;
const MARKABLE = /^(?:file|https?|data|blob):/;
// They have loaders of their own, and are not what users mend.
const OF_NPM = /\/(?:node_modules|npm)\//;
const PACKAGE = new URL("../../", import.meta.url).href;
const OF_PACKAGE = /^(?:mod\.ts|scheduling\/|plugins\/|executors\/)/;

let count = 0;

/**
 * Imports a module and what it imports as new modules, as another worker would. Packages of npm and
 * this one stay what they are; so do all imports before Deno had hooks for them.
 */
export async function importAfresh(url: string): Promise<Module> {
  if (!MARKABLE.test(url)) return await import(url);
  const mark = `${MARK}${++count}`;
  const { registerHooks } = await import("node:module") as ModuleHooks;
  const hooks = registerHooks?.({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      const marked = context.parentURL?.endsWith(mark) && isMarkable(found.url);
      return marked ? { ...found, url: `${found.url}${mark}` } : found;
    },
  });
  try {
    return await import(`${url}${mark}`);
  } catch (error) {
    throw unmarked(error);
  } finally {
    hooks?.deregister();
  }
}

/** A message or a stack with the URLs that users know. */
export function withoutMarks(text: string): string {
  return text.includes(MARK) ? text.replace(MARKS, "") : text;
}

function isMarkable(url: string): boolean {
  if (!MARKABLE.test(url) || url.includes(MARK) || OF_NPM.test(url)) return false;
  return !(url.startsWith(PACKAGE) && OF_PACKAGE.test(url.slice(PACKAGE.length)));
}

function unmarked(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  try {
    for (const key of ["message", "stack"] as const) {
      const text = error[key];
      if (typeof text === "string" && text.includes(MARK)) error[key] = withoutMarks(text);
    }
  } catch {
    // It may be frozen, or have accessors.
  }
  return error;
}
