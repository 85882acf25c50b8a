/** Refuses messages of channels that cannot cross, where they are sent. @module */

import type { MessageFromCall, MessageToCall } from "../../scheduling/channel.ts";
import {
  checkObjects,
  isPrimitive,
  type Medium,
  RefusedError,
  THREADS,
} from "../../scheduling/_base/medium.ts";
import { valueError } from "../../scheduling/_base/uncloneable.ts";
import { visitObjects } from "../../scheduling/_base/visit_objects.ts";

type Message = MessageFromCall | MessageToCall;

/**
 * Sends a message by a medium. What the other side could not read is refused here, because nobody there
 * could handle it.
 *
 * @throws {DOMException} `DataCloneError` when the data of the message cannot cross.
 */
export function sendChecked(message: Message, medium: Medium, send: () => void): void {
  const data = dataOf(message);
  try {
    if (!isPrimitive(data)) checkData(data, medium);
    send();
  } catch (cause) {
    throw valueError(subjectOf(message), data, cause);
  }
}

function checkData(data: unknown, medium: Medium): void {
  // Serializing for a process checks the objects itself.
  const { isDeep } = medium === THREADS ? checkObjects(data) : visitObjects(data, [], () => {});
  if (isDeep && !medium.accepts(data)) throw new RefusedError(medium);
}

function dataOf(message: Message): unknown {
  switch (message.type) {
    case "message":
    case "request":
      return message.data;
    case "answer":
      return message.value;
    case "abort":
      return message.reason;
    default:
      return undefined;
  }
}

function subjectOf({ type }: Message): string {
  switch (type) {
    case "request":
      return "The data of request()";
    case "answer":
      return "The answer";
    case "abort":
      return "The reason";
    default:
      return "The data of send()";
  }
}
