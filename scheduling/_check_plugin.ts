/** Refuses what is no plugin, and plugins with hooks that would never be called. @module */

import { checkFunction, isClass, show } from "./_base/check.ts";
import type { AnyPlugin } from "./plugin.ts";

const HOOKS: readonly (keyof AnyPlugin)[] = [
  "attachTask",
  "preSubmit",
  "preStart",
  "preException",
  "preSettle",
  "statistics",
];
const HOOK_OF_SPELLING = new Map(HOOKS.map((hook) => [plain(hook), hook]));

/** Whether a value looks like a plugin that was passed in place of options. */
export function isPlugin(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return ["events", ...HOOKS].some((member) => {
    const found = Reflect.get(value, member);
    return found !== undefined && found !== Reflect.get(Object.prototype, member);
  });
}

/** Throws `TypeError` unless the value is a plugin whose hooks can all be called. */
export function checkPlugin(plugin: AnyPlugin): void {
  if (isClass(plugin)) {
    throw new TypeError(
      `A plugin is an object, not ${show(plugin)}: pass an instance, new ${nameOf(plugin)}(…)`,
    );
  }
  if (typeof plugin !== "object" || plugin === null || typeof plugin.name !== "string") {
    throw new TypeError(`A plugin is an object with a name, not ${show(plugin)}`);
  }
  for (const hook of HOOKS) {
    if (plugin[hook] !== undefined) checkFunction(`${hook} of plugin ${plugin.name}`, plugin[hook]);
  }
  for (const member of membersOf(plugin)) {
    const hook = HOOK_OF_SPELLING.get(plain(member));
    if (hook === undefined || hook === member) continue;
    throw new TypeError(
      `Plugin ${plugin.name} has a member ${member}, which is never called: the hook is ${hook}`,
    );
  }
}

/** The names of all members, inherited ones included. */
function membersOf(plugin: object): Set<string> {
  const members = new Set<string>();
  for (let at = plugin; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) members.add(name);
  }
  return members;
}

function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

function nameOf({ name }: { readonly name: unknown }): string {
  return typeof name === "string" && name !== "" ? name : "Plugin";
}
