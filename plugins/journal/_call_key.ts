/** The key of a call: what its result depends on, hashed. @module */

import { isThenable } from "../../scheduling/_base/is_thenable.ts";
import { argumentError, valueError } from "../../scheduling/_base/uncloneable.ts";
import {
  type FunctionSource,
  functionSource,
  type TaskFunction,
} from "../../scheduling/function.ts";
import type { StartingCall } from "../../scheduling/plugin.ts";
import { digestsOf } from "./_digests.ts";
import { digest } from "./_hash.ts";
import { ModuleTexts } from "./_module_texts.ts";
import { JournalError } from "./journal_error.ts";

/** Changes when the encoding changes, so that no key has two meanings. */
const ENCODING = "amltk-journal-1";
const HAS_NO_KEY = "has no key in the journal";

/** What the user says about keys. */
export interface KeySettings {
  readonly path: string;
  readonly version: string | number | undefined;
  /** Returns what counts in place of the arguments. */
  readonly key: ((...args: unknown[]) => unknown) | undefined;
}

/** Makes the keys of the calls of one journal. */
export class CallKeys {
  readonly #settings: KeySettings;
  readonly #texts: ModuleTexts;

  constructor(settings: KeySettings) {
    this.#settings = settings;
    this.#texts = new ModuleTexts(settings.path);
  }

  /**
   * Throws unless a function can be part of a key.
   *
   * @throws {JournalError}
   */
  checkFunction(task: string, fn: TaskFunction): void {
    this.#partsOf(task, fn);
  }

  /**
   * The key of a call, in hexadecimal.
   *
   * @throws {JournalError} when it has none.
   */
  keyOf(task: string, call: StartingCall): string {
    const { version, key } = this.#settings;
    const digests = this.#digestsOf(task, call);
    return digest((sink) => {
      sink.text(ENCODING);
      sink.text(task);
      sink.text(typeof version);
      sink.text(String(version));
      for (const part of this.#partsOf(task, call.function)) sink.text(part);
      sink.text(key === undefined ? "arguments" : "key");
      sink.number(call.injected.length);
      for (const each of digests) sink.text(each);
    });
  }

  #digestsOf(task: string, { args, injected }: StartingCall): string[] {
    const { key, path } = this.#settings;
    const own = key === undefined ? args : [this.#callKey(task, key, args)];
    const values = [...injected, ...own];
    try {
      return digestsOf(values);
    } catch (cause) {
      const error = key === undefined
        ? argumentError({ name: task, args: values, transfer: [] }, cause, HAS_NO_KEY)
        : valueError(`What key() of the Journal of ${task} returned`, own[0], cause, "return");
      const remedy = key === undefined ? "; or give the Journal a key() of its arguments" : "";
      throw new JournalError(error.message + remedy, path, { cause: error });
    }
  }

  #callKey(task: string, key: (...args: unknown[]) => unknown, args: readonly unknown[]): unknown {
    const { path } = this.#settings;
    let value: unknown;
    try {
      value = key(...args);
    } catch (cause) {
      const message = `key() of the Journal of ${task} threw: ${String(cause)}`;
      throw new JournalError(message, path, { cause });
    }
    if (!isThenable(value)) return value;
    // Nobody else awaits it.
    value.then(undefined, () => {});
    throw new JournalError(
      `key() of the Journal of ${task} must return a value, not a promise: await it before submit()`,
      path,
    );
  }

  #partsOf(task: string, fn: TaskFunction): string[] {
    const source = this.#sourceOf(task, fn);
    if (source.kind === "source") return ["source", source.source];
    return ["module", source.url, source.name, this.#texts.read(source.url) ?? ""];
  }

  #sourceOf(task: string, fn: TaskFunction): FunctionSource {
    try {
      return functionSource(fn);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `The Journal cannot identify the function of ${task}: ${reason}`;
      throw new JournalError(message, this.#settings.path, { cause });
    }
  }
}
