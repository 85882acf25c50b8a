/** The worker of the hand-written path: claims a call, acknowledges it, and stores its result. @module */

import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-deno";
import { BARE } from "./bare_names.ts";

const client = jetstream(await connect({ servers: Deno.args[0] ?? "" }));
const calls = await client.consumers.get(BARE.calls, BARE.consumer);
for await (const call of await calls.consume({ max_messages: 1 })) {
  const id = call.string();
  await client.publish(BARE.claim(id), "", { expect: { lastSubjectSequence: 0 } });
  call.ack();
  await client.publish(BARE.end(id), id);
}
