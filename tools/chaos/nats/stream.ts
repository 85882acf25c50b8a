/** What a run has left on the server. @module */

import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-deno";
import { Subjects } from "../../../executors/nats/_wire/subjects.ts";

const LOOK_MS = 100;
const GONE_TRIES = 600;

/** What the stream of a queue still has after some time. */
export async function leftOnServer(address: string, queue: string): Promise<string[]> {
  const connection = await connect({ servers: address });
  try {
    const { streams } = await jetstreamManager(connection);
    let left: string[] = [];
    for (let tries = 0; tries < GONE_TRIES; tries++) {
      const { state: { messages, consumer_count } } = await streams.info(
        new Subjects(queue).stream,
      );
      if (messages === 0 && consumer_count === 0) return [];
      left = [`${messages} messages and ${consumer_count} consumers on the server`];
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return left;
  } finally {
    await connection.close();
  }
}
