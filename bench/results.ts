/** The file of results that a full run writes. @module */

import { cpus } from "node:os";
import type { Experiment, Finding, SamplesByName } from "./model.ts";
import importMap from "../import_map.npm.json" with { type: "json" };

/** The measured packages, by their names in the import map. */
const COMPARED = [
  "comlink",
  "mitt",
  "p-queue",
  "piscina",
  "poolifier",
  "poolifier-web-worker",
  "tinypool",
  "workerpool",
] as const;

/** An experiment with all its samples. */
export interface Outcome {
  readonly experiment: Experiment;
  readonly samples: SamplesByName;
  readonly findings: readonly Finding[];
}

/** The machine, because results of different machines cannot be compared. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly deno: string;
  readonly v8: string;
  readonly date: string;
}

/** Describes this machine. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? "unknown",
    cores: processors.length,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    date: new Date().toISOString(),
  };
}

/** Writes machine, versions, findings and every sample as JSON. */
export async function writeResults(machine: Machine, outcomes: readonly Outcome[]): Promise<void> {
  const results = {
    machine,
    versions: COMPARED.map((name) => importMap.imports[name]),
    findings: outcomes.flatMap(({ findings }) => findings),
    experiments: outcomes.map(({ experiment: { name, unit }, samples }) => ({
      name,
      unit,
      samples: Object.fromEntries(samples),
    })),
  };
  const file = new URL("./results.json", import.meta.url);
  await Deno.writeTextFile(file, JSON.stringify(results, undefined, 2) + "\n");
}
