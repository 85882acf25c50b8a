/** Starts a Web Worker with fewer permissions than this program has. @module */

/** A generated module and the options of the worker that it starts. */
export interface Bootstrap {
  readonly url: string;
  readonly options: WorkerOptions;
}

/**
 * A module that starts a worker which needs no permission to import `modules`: Deno permits imports
 * that the text of a worker's first module names, even if they run later.
 */
export function bootstrap(
  permissions: Deno.PermissionOptions,
  modules: Iterable<string>,
): Bootstrap {
  const loaders = [...modules].map((url) => JSON.stringify(url)).map((url) =>
    `${url}: () => import(${url}),`
  );
  const source = [
    `import { offerModules } from ${
      JSON.stringify(import.meta.resolve("../../scheduling/_base/load_export.ts"))
    };`,
    `offerModules({ ${loaders.join(" ")} });`,
    `await import(${JSON.stringify(import.meta.resolve("../_worker/web_worker.ts"))});`,
  ];
  return {
    url: `data:text/javascript,${encodeURIComponent(source.join("\n"))}`,
    // A program with the types of a browser does not know this option.
    options: { deno: { permissions } } as WorkerOptions,
  };
}
