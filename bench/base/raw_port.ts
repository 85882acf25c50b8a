/** Messages over a bare `MessagePort`. @module */

import { check, rate, sumBelow } from "../checks.ts";

const SENDER = `onmessage = ({ data: port }) => {
  port.onmessage = ({ data: count }) => {
    for (let n = 0; n < count; n++) port.postMessage(n);
    port.postMessage("end");
  };
  port.postMessage("end");
};`;

/** Messages a second that a worker sends and this thread receives. */
export async function messagesOfPort(count: number, warmUp: number): Promise<number> {
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(SENDER)}`, {
    type: "module",
  });
  const { port1: port, port2 } = new MessageChannel();
  let ended = Promise.withResolvers<void>();
  let sum = 0;
  port.onmessage = ({ data }) => {
    if (data === "end") ended.resolve();
    else sum += data;
  };
  worker.postMessage(port2, [port2]);
  await ended.promise;
  const send = async (count: number) => {
    sum = 0;
    ended = Promise.withResolvers();
    port.postMessage(count);
    await ended.promise;
    check(sum, sumBelow(count));
  };
  await send(warmUp);
  const since = performance.now();
  await send(count);
  const perSecond = rate(count, since);
  port.close();
  worker.terminate();
  return perSecond;
}
