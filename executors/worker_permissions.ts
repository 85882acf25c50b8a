/**
 * The permissions of workers.
 *
 * @module
 */

import { resolve } from "node:path";
import { isPlainObject, show } from "../scheduling/_base/check.ts";

const OF_PATHS: readonly string[] = ["read", "write", "ffi"];
const NAMES = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;

/**
 * The name of a permission.
 *
 * @example Permissions from a list
 * ```ts
 * import { type PermissionName, Scheduler } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const names: PermissionName[] = ["read", "env"];
 * const permissions = Object.fromEntries(names.map((name) => [name, true]));
 * const scheduler = Scheduler.withProcesses(1, { permissions });
 * const allowed = scheduler.task((name: PermissionName) =>
 *   Deno.permissions.querySync({ name } as Deno.PermissionDescriptor).state === "granted"
 * );
 * scheduler.onStart(async () => {
 *   assertEquals(await Promise.all([allowed.submit("env"), allowed.submit("run")]), [true, false]);
 * });
 * assertEquals((await scheduler.run()).code, "exhausted");
 * ```
 *
 * @category Executors
 */
export type PermissionName = "read" | "write" | "net" | "env" | "run" | "sys" | "ffi" | "import";

/**
 * The permissions of workers: `"none"`, or for each name `true` for all of it or a list, as in the flags
 * of Deno. Permissions that are not named are denied.
 *
 * @example One folder
 * ```ts
 * import { Scheduler, type WorkerPermissions } from "@amltk/scheduling";
 * import { assertEquals } from "@std/assert";
 *
 * const permissions: WorkerPermissions = { read: ["./data"] };
 * const scheduler = Scheduler.withProcesses(1, { permissions });
 * const mayRead = scheduler.task((path: string) =>
 *   Deno.permissions.querySync({ name: "read", path }).state === "granted"
 * );
 * scheduler.onStart(async () => {
 *   const paths = ["./data/digits.csv", "./secrets"];
 *   assertEquals(await Promise.all(paths.map((path) => mayRead.submit(path))), [true, false]);
 * });
 * assertEquals((await scheduler.run()).code, "exhausted");
 * ```
 *
 * @category Executors
 */
export type WorkerPermissions =
  | "none"
  | { readonly [name in PermissionName]?: boolean | readonly string[] | undefined };

/** Throws `TypeError` for invalid permissions. */
export function checkPermissions(permissions: WorkerPermissions): void {
  if (permissions === "none") return;
  if (!isPlainObject(permissions)) {
    throw new TypeError(
      `permissions must be "none" or an object such as { read: ["."] }, not ${show(permissions)}`,
    );
  }
  for (const [name, granted] of Object.entries(permissions)) checkPermission(name, granted);
}

function checkPermission(name: string, granted: unknown): void {
  if (!(NAMES as readonly string[]).includes(name)) {
    throw new TypeError(`permissions has no "${name}": it has ${NAMES.join(", ")}`);
  }
  if (granted === undefined || typeof granted === "boolean") return;
  if (!Array.isArray(granted)) {
    throw new TypeError(`permissions.${name} must be true, false or a list, not ${show(granted)}`);
  }
  for (const item of granted) {
    if (typeof item === "string" && item !== "") continue;
    throw new TypeError(
      `permissions.${name} must list texts that are not empty, not ${show(item)}`,
    );
  }
}

/** Makes relative paths absolute, so that they no longer depend on the current directory. */
export function resolvePermissions(permissions: WorkerPermissions): WorkerPermissions {
  checkPermissions(permissions);
  if (permissions === "none") return permissions;
  const entries = Object.entries(permissions).map(([name, granted]) => [
    name,
    Array.isArray(granted) ? granted.map((item: string) => resolveItem(name, item)) : granted,
  ]);
  return Object.fromEntries(entries);
}

function resolveItem(name: string, item: string): string {
  // A bare program name is looked up in PATH; only a path depends on the current directory.
  const isPath = OF_PATHS.includes(name) || (name === "run" && /[/\\]/.test(item));
  return isPath ? resolve(item) : item;
}

/** The flags for permissions; by default for those that this program has in full. */
export function permissionFlags(permissions: WorkerPermissions | undefined): string[] {
  if (permissions === undefined) return ownFlags();
  const resolved = resolvePermissions(permissions);
  if (resolved === "none") return denied([]);
  const flags = Object.entries(resolved).flatMap(([name, granted]) => flagsOf(name, granted));
  return [...flags, ...denied(flags)];
}

// Explicit, because node:child_process starts Deno with all permissions if there is no permission flag.
// Imports from the default hosts need no flag and stay allowed.
function denied(flags: readonly string[]): string[] {
  return NAMES
    .filter((name) => name !== "import")
    .filter((name) => !flags.some((flag) => flag.split("=", 1)[0] === `--allow-${name}`))
    .map((name) => `--deny-${name}`);
}

function flagsOf(name: string, granted: boolean | readonly string[] | undefined): string[] {
  if (granted === true) return [`--allow-${name}`];
  if (!granted || granted.length === 0) return [];
  checkCommas(name, granted);
  const list = name === "import" ? [...granted, ...ownHost()] : granted;
  return [`--allow-${name}=${list.join(",")}`];
}

// A comma separates the items of a flag, and Deno has no way to escape it.
function checkCommas(name: string, granted: readonly string[]): void {
  const item = granted.find((item) => item.includes(","));
  if (item === undefined) return;
  throw new TypeError(
    `permissions.${name} of processes cannot name ${
      show(item)
    }, because Deno would split it at the ` +
      `comma: use another name, or a folder above it`,
  );
}

// The host of the program of the processes, unless it is a file. A list of hosts replaces the default one,
// and without this host no process could start.
function ownHost(): string[] {
  const { protocol, host } = new URL(import.meta.url);
  return protocol === "http:" || protocol === "https:" ? [host] : [];
}

function ownFlags(): string[] {
  const states = NAMES.map((name) => ({ name, ...stateOf(name) }));
  // A program that starts processes may run at least Deno. If it may not run everything, other permissions
  // may be partial as well, and a program cannot list the parts.
  const inPart = states.filter(({ name, granted, partial }) =>
    partial || (name === "run" && !granted)
  );
  if (inPart.length > 0) {
    const names = inPart.map(({ name }) => `"${name}"`).join(", ");
    throw new TypeError(
      `This program has the permission ${names} only in part, if at all, and cannot list the ` +
        `parts to pass them on: say what the processes may do, such as ` +
        `withProcesses(2, { permissions: { read: ["./data"], net: ["example.com"] } })`,
    );
  }
  const flags = states.filter(({ granted }) => granted).map(({ name }) => `--allow-${name}`);
  return [...flags, ...denied(flags)];
}

function stateOf(name: PermissionName): { granted: boolean; partial: boolean } {
  const { state, partial } = Deno.permissions.querySync({ name } as Deno.PermissionDescriptor);
  return { granted: state === "granted", partial };
}

/** Converts permissions to the `deno` option of `Worker`. */
export function platformPermissions(permissions: WorkerPermissions): Deno.PermissionOptions {
  if (permissions === "none") return permissions;
  const named = Object.entries(permissions).filter(([, granted]) => granted !== undefined);
  // Without a prototype, from which the platform would read further permissions.
  return Object.assign(Object.create(null), Object.fromEntries(named));
}
