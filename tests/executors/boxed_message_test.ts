// `receiveMessageOnPort()` searches a message, even every element of a typed array, for ports and turns
// them into ports of Node. A message without such ports was not searched.
import { assertEquals, assertStrictEquals } from "@std/assert";
import { receiveMessageOnPort } from "node:worker_threads";
import { boxed, unboxed } from "../../executors/_wire/protocol.ts";

function received(wrap: (value: unknown) => unknown): unknown {
  const { port1, port2 } = new MessageChannel();
  const inner = new MessageChannel();
  port1.postMessage(wrap({ port: inner.port1 }), [inner.port1]);
  const { message } = receiveMessageOnPort(port2 as never) as { message: unknown };
  for (const port of [port1, port2, inner.port2]) port.close();
  return message;
}

function isOfNode(value: unknown): boolean {
  const { port } = value as { port: MessagePort };
  const result = "once" in port;
  port.close();
  return result;
}

Deno.test("boxed() keeps a message from being searched for ports", () => {
  assertEquals(isOfNode(received((value) => value)), true);
  assertEquals(isOfNode(unboxed(received(boxed))), false);
});

Deno.test("boxed() works though a task has replaced the methods of Set", () => {
  const { add } = Set.prototype;
  Set.prototype.add = function () {
    return this;
  };
  try {
    assertEquals(unboxed(structuredClone(boxed({ n: 1 }))), { n: 1 });
  } finally {
    Set.prototype.add = add;
  }
  assertStrictEquals(unboxed(structuredClone(boxed(undefined))), undefined);
});
