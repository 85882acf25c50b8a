/** Imports a module again after a failure, which the platform caches under its URL. @module */

type Module = Record<string, unknown>;

interface Resolution {
  readonly url: string;
}

type Resolve<Context> = (specifier: string, context: Context) => Resolution;

interface ResolveContext {
  readonly parentURL?: string | undefined;
}

/** A part of `node:module` that older versions of Deno lack. */
interface ModuleHooks {
  registerHooks?(hooks: {
    resolve(
      specifier: string,
      context: ResolveContext,
      next: Resolve<ResolveContext>,
    ): Resolution;
  }): { deregister(): void };
}

// A URL fragment: the same file, but a different module to the platform.
const MARK = "#loaded-again-";
const MARKS: RegExp = /#loaded-again-\d+/g;
const MARKABLE = /^(?:file|https?|data|blob):/;
// npm packages have their own loaders, and users do not edit them.
const OF_NPM = /\/(?:node_modules|npm)\//;
const PACKAGE = new URL("../../", import.meta.url).href;
const OF_PACKAGE = /^(?:mod\.ts|scheduling\/|plugins\/|executors\/)/;

let count = 0;

/**
 * Imports a module and its imports as new modules, like a new worker would. Modules of npm packages
 * and of this package are reused, and so are all imports in versions of Deno without module hooks.
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

/** Replaces marked URLs in a message or stack by the original ones. */
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
    // The error may be frozen, or have accessors.
  }
  return error;
}
