/** Sizes of memory such as `"512 MiB"`. @module */

import { show } from "./check.ts";

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Converts a number of bytes or a text such as `"512 MiB"` to bytes; throws for anything else. */
export function toBytes(where: string, size: unknown): number {
  if (typeof size !== "number" && typeof size !== "string") {
    throw new TypeError(`${where} must be bytes or a text such as "512 MiB", not ${show(size)}`);
  }
  const bytes = typeof size === "number" ? size : parse(size);
  if (bytes !== undefined && Number.isSafeInteger(bytes) && bytes >= 1) return bytes;
  throw new RangeError(
    `${where} must be a whole number of bytes, 1 or more, or a text with one of the units ` +
      `${Object.keys(UNITS).join(", ")}, such as "512 MiB", not ${show(size)}`,
  );
}

function parse(text: string): number | undefined {
  const [, amount, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*$/.exec(text) ?? [];
  const factor = UNITS[unit];
  return factor === undefined ? undefined : Math.round(Number(amount) * factor);
}
