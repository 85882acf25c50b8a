/** The key of a call: what its result depends on, hashed. @module */

import { isThenable } from "../../scheduling/_base/is_thenable.ts";
import { argumentError, valueError } from "../../scheduling/_base/uncloneable.ts";
import type { StartingCall } from "../../scheduling/plugin.ts";
import { digestsOf } from "./_digests.ts";
import type { FunctionParts } from "./_function_parts.ts";
import { digest } from "./_hash.ts";
import { JournalError } from "./journal_error.ts";

/** Changes when the encoding changes, so that no key has two meanings. */
const ENCODING = "amltk-journal-1";
const HAS_NO_KEY = "has no key in the journal";

/** What the keys of one journal have in common. */
export interface KeySettings {
  /** The path of the journal, for errors. */
  readonly path: string;
  readonly version: string | number | undefined;
  /** Returns what counts in place of the arguments. */
  readonly key: ((...args: unknown[]) => unknown) | undefined;
  readonly functionParts: FunctionParts;
}

/**
 * The key of a call, in hexadecimal.
 *
 * @throws {JournalError} when it has none.
 */
export function callKey(settings: KeySettings, task: string, call: StartingCall): string {
  const { version, key, functionParts } = settings;
  const digests = callDigests(settings, task, call);
  return digest((sink) => {
    sink.text(ENCODING);
    sink.text(task);
    sink.text(typeof version);
    sink.text(String(version));
    for (const part of functionParts.of(task, call.function)) sink.text(part);
    sink.text(key === undefined ? "arguments" : "key");
    sink.number(call.injected.length);
    for (const each of digests) sink.text(each);
  });
}

function callDigests(
  settings: KeySettings,
  task: string,
  { args, injected }: StartingCall,
): string[] {
  const { key, path } = settings;
  const own = key === undefined ? args : [userKey(path, task, key, args)];
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

function userKey(
  path: string,
  task: string,
  key: (...args: unknown[]) => unknown,
  args: readonly unknown[],
): unknown {
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
