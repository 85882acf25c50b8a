/** A record of every start of a call, which outlives its worker. @module */

import { functionSource } from "../../../scheduling/function.ts";
import type { Kind } from "../kinds.ts";

/** One start of a call. */
interface Start {
  /** The ids of the process in which it ran, and of that one's parent. */
  readonly pids: readonly number[];
}

/** The starts of the calls of a run: each is a line in a file. */
export class Starts {
  readonly #path: string;

  /** Records in a file. */
  constructor(path: string) {
    this.#path = path;
    Deno.writeTextFileSync(path, "");
  }

  /** The starts by the numbers of the tasks. */
  read(): Map<number, Start[]> {
    const starts = new Map<number, Start[]>();
    for (const line of Deno.readTextFileSync(this.#path).split("\n")) {
      if (line === "") continue;
      const [n = NaN, ...pids] = line.split(" ").map(Number);
      starts.set(n, [...starts.get(n) ?? [], { pids }]);
    }
    return starts;
  }

  /**
   * The function of a kind, which first writes its line, and then waits, so that calls run while something
   * happens. A function of a module is returned as it is.
   */
  recorded({ run, weight }: Kind): Kind["run"] {
    const source = functionSource(run);
    if (source.kind !== "source") return run;
    const path = JSON.stringify(this.#path);
    // Kinds that are frequent stay short and go in batches.
    const delay = weight > FREQUENT ? "0" : "n % 3 === 0 ? n * 7919 % 900 : 0";
    const text = `(...args) => {
      const n = args.find((arg) => typeof arg === "number");
      Deno.writeTextFileSync(${path}, n + " " + Deno.pid + " " + Deno.ppid + "\\n", { append: true });
      const delay = ${delay};
      const run = ${source.source};
      if (delay === 0) return run(...args);
      return new Promise((resolve) => setTimeout(resolve, delay)).then(() => run(...args));
    }`;
    return new Function(`return ${text};`)();
  }
}

const FREQUENT = 1_500;
