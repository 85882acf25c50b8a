/**
 * Writes small messages as JSON: most batches, their answers, and what short calls return. The engine takes
 * twenty times as long for these, because each of its serializers holds memory until it is collected.
 *
 * @module
 */

import { type Outcome, type ProgressReport, type WorkerEvent, workerEventOf } from "./protocol.ts";
import { isListOfTexts, isText } from "./text_values.ts";

// JSON begins with one of these bytes; what the engine writes does not.
const BRACE = 0x7b;
const BRACKET = 0x5b;

/** A message of comlink: a call, or the answer to one. */
interface ComlinkMessage {
  readonly type?: unknown;
  readonly value?: unknown;
  readonly argumentList?: readonly ComlinkMessage[];
}

// Kept, because tasks may replace them.
const { parse, stringify } = JSON;
const { isArray } = Array;
const { keys } = Object;
const encode = TextEncoder.prototype.encode.bind(new TextEncoder());
const decode = TextDecoder.prototype.decode.bind(new TextDecoder());

/** Encodes a message behind some ASCII characters; returns undefined if the engine has to do it. */
export function encodeText(message: unknown, before: string): Uint8Array | undefined {
  return isTextMessage(message) ? encode(before + stringify(message)) : undefined;
}

/** Whether bytes are such a message. */
export function isEncodedText(bytes: Uint8Array): boolean {
  return bytes[0] === BRACE || bytes[0] === BRACKET;
}

/** Decodes such a message. */
export function decodeText(bytes: Uint8Array): unknown {
  return parse(decode(bytes));
}

function isTextMessage(message: unknown): boolean {
  // A program may change how JSON shows objects.
  if (typeof message !== "object" || message === null || "toJSON" in []) return false;
  // The arguments of a call.
  if (isArray(message)) return isText(message);
  const event = workerEventOf(message);
  return event === undefined ? isTextOfComlink(message) : isTextOfEvent(event);
}

function isTextOfComlink({ type, value, argumentList }: ComlinkMessage): boolean {
  if (argumentList === undefined) return type === "RAW" && value === undefined;
  const [argument] = argumentList;
  return argumentList.length === 1 && argument?.type === "RAW" && hasTextFields(argument.value);
}

function isTextOfEvent(event: WorkerEvent): boolean {
  if (event.type === "outcome") return isTextOfOutcome(event.outcome);
  return event.type === "progress" && isTextOfReport(event.report);
}

function isTextOfOutcome(outcome: Outcome): boolean {
  return outcome.ok && isText(outcome.value);
}

function isTextOfReport({ ended }: ProgressReport): boolean {
  const kept = ended?.kept;
  return kept === undefined || kept.value === undefined || isText(kept.value);
}

// Fields without a value are as good as missing ones.
function hasTextFields(record: unknown): boolean {
  if (typeof record !== "object" || record === null) return false;
  const names = keys(record);
  for (let index = 0; index < names.length; index++) {
    const field = (record as Record<string, unknown>)[names[index] as string];
    const isTexts = isArray(field) ? isListOfTexts(field) : isText(field);
    if (field !== undefined && !isTexts) return false;
  }
  return true;
}
