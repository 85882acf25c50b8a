/** Draws emitters, tasks and schedulers as trees of text. @module */

import { bold, cyan, dim, stripAnsiCode, yellow } from "@std/fmt/colors";
import { shortened, show } from "../_base/check.ts";
import { defineInspect } from "../_base/inspect.ts";
import type {
  CallbackStatistics,
  EmitterStatistics,
  EventStatistics,
  PluginStatistics,
  SchedulerStatistics,
  TaskStatistics,
} from "../statistics.ts";
import { cutTo, duration, printable, widthOf } from "./_text.ts";
import { futureLine, runRows, runTitle, workerLines } from "./_state_lines.ts";

/** How a tree is drawn. */
export interface TreeOptions {
  readonly colors: boolean;
  /** How many levels are drawn below the first one. */
  readonly depth: number;
  /** How many columns a line may take. */
  readonly width: number;
}

/** Text for a file or a variable. */
export const PLAIN: TreeOptions = { colors: false, depth: Infinity, width: Infinity };

/** One line, and what belongs to it. */
export interface Node {
  readonly label: string;
  readonly children?: readonly Node[];
}

/** The tree of an emitter. */
export function renderEmitter(emitter: EmitterStatistics, options: TreeOptions): string {
  const label = bold(printable(emitter.name));
  return finish([label, ...branches(emitter.events.map(eventNode), options.depth)], options);
}

/** The tree of a task. */
export function renderTask(task: TaskStatistics, options: TreeOptions): string {
  const { label, children = [] } = taskNode(task);
  return finish([label, ...branches(children, options.depth)], options);
}

/** The tree of a scheduler, with what its run does in a panel. */
export function renderScheduler(scheduler: SchedulerStatistics, options: TreeOptions): string {
  const nodes = [
    ...group("workers", workerLines(scheduler.workers)),
    ...group("last futures", scheduler.recentFutures.map(futureLine)),
    ...scheduler.events.map(eventNode),
    ...scheduler.tasks.map(taskNode),
  ];
  const top = panel(runTitle(scheduler), runRows(scheduler), options.width);
  return finish([...top, ...branches(nodes, options.depth)], options);
}

function group(title: string, lines: readonly string[]): Node[] {
  return lines.length === 0 ? [] : [{ label: title, children: lines.map((label) => ({ label })) }];
}

function taskNode(task: TaskStatistics): Node {
  const children = [
    { label: `${dim("runs")} ${shortened(printable(task.function))}` },
    ...task.plugins.map(pluginNode),
    ...task.events.map(eventNode),
  ];
  const name = `${dim("task")} ${bold(printable(task.name))}`;
  return { label: [name, queueOf(task), ...timesOf(task)].join(", "), children };
}

function queueOf({ queueSize, held, waitsFor }: TaskStatistics): string {
  const tasks = waitsFor.length === 0 ? "" : `: wait for ${waitsFor.map(printable).join(", ")}`;
  const waiting = held === 0 ? "" : ` (${yellow(`${held}`)} held back${shortened(tasks)})`;
  return `${yellow(`${queueSize}`)} in the queue${waiting}`;
}

function timesOf({ runningTime: { median, p99 } }: TaskStatistics): string[] {
  if (median === undefined || p99 === undefined) return [];
  return [`${duration(median)} a call (median), 99 % within ${duration(p99)}`];
}

function pluginNode({ name, details }: PluginStatistics): Node {
  return { label: `${dim("plugin")} ${bold(printable(name))}${assignments(details)}` };
}

// What has not happened yet is dimmed.
function eventNode({ name, count: emitted, callbacks }: EventStatistics): Node {
  const text = printable(name);
  const label = emitted === 0 ? dim(text) : `${cyan(text)} ${yellow(`${emitted}`)}`;
  return { label, children: callbacks.map(callbackNode) };
}

function callbackNode({ name, calls, options }: CallbackStatistics): Node {
  const text = `${printable(name)}()`;
  const label = calls === 0 ? dim(text) : `${text} ${yellow(`${calls}`)}`;
  return { label: `${label}${assignments(options)}` };
}

function assignments(record: Readonly<Record<string, unknown>>): string {
  return Object.entries(record)
    .map(([key, value]) => {
      const name = printable(key);
      return value === true
        ? ` ${dim(name)}`
        : ` ${dim(`${name}=`)}${printable(detailText(value))}`;
    })
    .join("");
}

/** A value that a plugin or a user provides: it may be a symbol, or have a `toString()` that throws. */
export function detailText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return show(value);
  }
}

function branches(nodes: readonly Node[], depth: number): string[] {
  return nodes.flatMap(({ label, children = [] }, index) => {
    const last = index === nodes.length - 1;
    const isCut = depth <= 0 && children.length > 0;
    const shown = isCut ? [] : children;
    const below = branches(shown, depth - 1).map((line) =>
      `${last ? "   " : `${dim("│")}  `}${line}`
    );
    return [`${dim(last ? "└─" : "├─")} ${label}${isCut ? dim(" …") : ""}`, ...below];
  });
}

// Trees are always drawn in colours and stripped on demand; @std/fmt honours NO_COLOR.
function finish(lines: readonly string[], { colors, width }: TreeOptions): string {
  const text = lines.map((line) => cutTo(line, width)).join("\n");
  return colors ? text : stripAnsiCode(text);
}

/** Draws a box of at most so many columns. */
export function panel(title: string, rows: readonly string[], maxWidth: number): string[] {
  const inner = Math.min(maxWidth - 4, Math.max(widthOf(title) + 2, ...rows.map(widthOf)));
  const filled = (text: string, by: string, width: number) => {
    const cut = cutTo(text, width);
    return `${cut}${by.repeat(Math.max(0, width - widthOf(cut)))}`;
  };
  return [
    `╭─ ${filled(`${title} `, "─", inner)}╮`,
    ...rows.map((row) => `│ ${filled(row, " ", inner)} │`),
    `╰${"─".repeat(inner + 2)}╯`,
  ];
}

/**
 * Makes `console.log()` show the tree of an object: in colours if the console supports them, as deep as it
 * is asked to, and with lines that fit into the terminal.
 */
export function defineTree<S>(
  type: { readonly prototype: { statistics(): S } },
  render: (statistics: S, options: TreeOptions) => string,
): void {
  defineInspect(type, (shown, { colors = false, depth } = {}) =>
    render(shown.statistics(), {
      colors,
      depth: depth ?? Infinity,
      width: colors ? terminalWidth() : Infinity,
    }));
}

// A text for a file must not depend on the terminal, and is not coloured.
function terminalWidth(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return Infinity;
  }
}
