/** Draws emitters, tasks and schedulers as trees of text. @module */

import { bold, cyan, dim, green, stripAnsiCode, yellow } from "@std/fmt/colors";
import { show } from "./_base/check.ts";
import { shortened } from "./_base/shortened.ts";
import type {
  CallbackStatistics,
  EmitterStatistics,
  EventStatistics,
  PluginStatistics,
  SchedulerStatistics,
  TaskStatistics,
} from "./statistics.ts";

interface Node {
  readonly label: string;
  readonly children?: readonly Node[];
}

/** The tree of an emitter. */
export function renderEmitter(emitter: EmitterStatistics, colors: boolean): string {
  const label = bold(emitter.name);
  return finish([label, ...branches(emitter.events.map(eventNode))], colors);
}

/** The tree of a task. */
export function renderTask(task: TaskStatistics, colors: boolean): string {
  const { label, children = [] } = taskNode(task);
  return finish([label, ...branches(children)], colors);
}

/** The tree of a scheduler, with executor and queue in a panel. */
export function renderScheduler(scheduler: SchedulerStatistics, colors: boolean): string {
  const { name, executor, workerCount, pending, runningCount, running } = scheduler;
  const state = running ? green("running") : dim("not running");
  const rows = [
    `${dim("executor")}  ${executor}, ${workerCount} ${workerCount === 1 ? "worker" : "workers"}`,
    `${dim("queue")}     ${yellow(`${pending}`)} pending, ${yellow(`${runningCount}`)} running`,
  ];
  const nodes = [...scheduler.events.map(eventNode), ...scheduler.tasks.map(taskNode)];
  return finish([...panel(`${bold(name)} ${state}`, rows), ...branches(nodes)], colors);
}

function taskNode(task: TaskStatistics): Node {
  const counts = `${yellow(`${task.queueSize}`)} in the queue`;
  const children = [
    { label: `${dim("runs")} ${shortened(task.function)}` },
    ...task.plugins.map(pluginNode),
    ...task.events.map(eventNode),
  ];
  return { label: `${dim("task")} ${bold(task.name)}, ${counts}`, children };
}

function pluginNode({ name, details }: PluginStatistics): Node {
  return { label: `${dim("plugin")} ${bold(name)}${assignments(details)}` };
}

function eventNode({ name, count, callbacks }: EventStatistics): Node {
  const label = count === 0 ? cyan(name) : `${cyan(name)} ${yellow(`${count}`)}`;
  return { label, children: callbacks.map(callbackNode) };
}

function callbackNode({ name, calls, options }: CallbackStatistics): Node {
  const count = calls === 0 ? "" : ` ${yellow(`${calls}`)}`;
  return { label: `${name}()${count}${assignments(options)}` };
}

function assignments(record: Readonly<Record<string, unknown>>): string {
  return Object.entries(record)
    .map(([key, value]) => value === true ? ` ${dim(key)}` : ` ${dim(`${key}=`)}${text(value)}`)
    .join("");
}

// Plugins and users provide the value: it may be a symbol, or have a toString() that throws.
function text(value: unknown): string {
  try {
    return String(value);
  } catch {
    return show(value);
  }
}

function branches(nodes: readonly Node[]): string[] {
  return nodes.flatMap(({ label, children = [] }, index) => {
    const last = index === nodes.length - 1;
    const below = branches(children).map((line) => `${last ? "   " : `${dim("│")}  `}${line}`);
    return [`${dim(last ? "└─" : "├─")} ${label}`, ...below];
  });
}

function panel(title: string, rows: readonly string[]): string[] {
  const width = Math.max(widthOf(title) + 2, ...rows.map(widthOf)) + 2;
  const fill = (text: string, until: number, by: string) => by.repeat(until - widthOf(text));
  return [
    `╭─ ${title} ${fill(title, width - 3, "─")}╮`,
    ...rows.map((row) => `│ ${row}${fill(row, width - 1, " ")}│`),
    `╰${"─".repeat(width)}╯`,
  ];
}

function widthOf(text: string): number {
  return stripAnsiCode(text).length;
}

// Trees are always drawn in colours and stripped on demand; @std/fmt honours NO_COLOR.
function finish(lines: readonly string[], colors: boolean): string {
  const text = lines.join("\n");
  return colors ? text : stripAnsiCode(text);
}
