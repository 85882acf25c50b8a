/** Records as comma-separated values, by RFC 4180. @module */

import type { QueueRecord } from "./monitor_records.ts";

const COLUMNS = [
  "time",
  "queueSize",
  "queued",
  "running",
  "idle",
  "finished",
  "failed",
  "cancelled",
] as const satisfies readonly (keyof QueueRecord)[];

/** A header and a line for each record, with times to the microsecond. */
export function toCSV(records: readonly QueueRecord[]): string {
  const lines = records.map((record) => COLUMNS.map((column) => round(record[column])).join());
  return [COLUMNS.join(), ...lines].map((line) => `${line}\r\n`).join("");
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
