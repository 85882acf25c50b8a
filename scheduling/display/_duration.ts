/** Durations as displays show them. @module */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A duration in its two largest units, or with three digits: `"3.4 ms"`, `"2.31 s"`, `"1 h 5 min"`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${withThreeDigits(ms)} ms`;
  if (ms < MINUTE - 50) return `${withThreeDigits(ms / SECOND)} s`;
  const seconds = Math.round(ms / SECOND) * SECOND;
  if (seconds < HOUR) return twoUnits(seconds, MINUTE, "min", SECOND, "s");
  return twoUnits(Math.round(ms / MINUTE) * MINUTE, HOUR, "h", MINUTE, "min");
}

/** How often something happens in a second: `"0.25/s"`, `"3,400/s"`. */
export function rate(perSecond: number): string {
  const text = perSecond < 100 ? withThreeDigits(perSecond) : count(Math.round(perSecond));
  return `${text}/s`;
}

/** A number with separators: `"1,000,000"`. */
export function count(number: number): string {
  return number.toLocaleString("en");
}

function twoUnits(ms: number, large: number, name: string, small: number, rest: string): string {
  return `${Math.floor(ms / large)} ${name} ${Math.floor((ms % large) / small)} ${rest}`;
}

function withThreeDigits(number: number): string {
  if (number < 0.001) return "0";
  return String(Number(number.toPrecision(number < 1 ? 2 : 3)));
}
