// How a scheduler ends the session of a worker that it cannot reach: afterwards, nothing of it begins or counts.
import { WorkerLostError } from "@amltk/scheduling";
import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { FunctionTable } from "../../executors/_calls/function_table.ts";
import { SharedValues } from "../../executors/_calls/shared_values.ts";
import type { Broker } from "../../executors/nats/_home/broker.ts";
import type { Silence } from "../../executors/nats/_home/liveness.ts";
import { Session } from "../../executors/nats/_home/session.ts";
import { StoredValues } from "../../executors/nats/_home/stored_values.ts";
import { MARK } from "../../executors/nats/_wire/parts.ts";
import { type NatsStore, testWithStore } from "../fixtures/nats_store.ts";
import { RemoteSide } from "../fixtures/remote_side.ts";
import { notedCall } from "../fixtures/noted_call.ts";

const GIVEN_UP = "its scheduler has given it up";
const SILENCE: Silence = { reason: "unreachable", message: "Its worker is silent" };

/** Both sides of a session. What they send to each other waits until the test passes it on. */
class Sides implements AsyncDisposable {
  readonly scheduler: Session;
  readonly worker: RemoteSide;
  /** Each end of the session, with the names of the calls that had not begun. */
  readonly closed: string[][] = [];
  readonly #place: NatsStore;
  readonly #sent: Uint8Array[] = [];
  readonly #removing: Promise<unknown>[] = [];
  #lastRead = 0;

  constructor(place: NatsStore) {
    this.#place = place;
    this.worker = new RemoteSide(place);
    const broker = this.#broker();
    const description = { worker: "w", host: "far", cores: 1, slots: 1, deno: "2", protocol: 1 };
    this.scheduler = new Session({
      id: place.session,
      worker: { ...description, limits: [] },
      slots: 1,
      firstNumber: 1,
      initializer: undefined,
      startTimeout: undefined,
      patience: { disconnected: 5, silent: 5 },
      broker,
      calls: {
        functions: new FunctionTable(),
        values: new StoredValues(broker, new SharedValues()),
        nextId: () => 1,
      },
      output: undefined,
    }, {
      changed: () => {},
      callEnded: () => {},
      returned: () => {},
      closed: (_session, unbegun) => this.closed.push(unbegun.map(({ call }) => call.name)),
    });
  }

  /** The session begins on both sides. */
  async begin(): Promise<void> {
    const { store, run } = this.#place;
    // Removing what comes before the first message of all would remove that too.
    await store.client.publish(run.session("earlier"), MARK);
    await this.scheduler.begin();
    await this.read();
    await nextTurn();
    this.deliver();
  }

  /** Sends a call, which is on its way then; returns how it ends. */
  async send(): Promise<unknown[]> {
    const outcomes: unknown[] = [];
    this.scheduler.send(notedCall("one", outcomes), undefined);
    await nextTurn();
    return outcomes;
  }

  /** The worker hears what the scheduler has sent. */
  deliver(): void {
    for (const bytes of this.#sent.splice(0)) this.worker.session.receive(bytes);
  }

  /** The scheduler reads what the worker has written. */
  async read(): Promise<void> {
    for (const { sequence, bytes } of await this.#place.messages()) {
      if (sequence <= this.#lastRead) continue;
      this.#lastRead = sequence;
      this.scheduler.read(sequence, bytes);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.scheduler.abandon();
    await this.worker[Symbol.asyncDispose]();
    await Promise.all(this.#removing);
  }

  #broker(): Broker {
    const { manager, stream } = this.#place.store;
    const broker: Partial<Broker> = {
      maxPartBytes: 2 ** 20,
      logOf: () => this.#place.log(0),
      tell: (_id, bytes) => void this.#sent.push(bytes),
      removeRead: async (id, seq) => {
        const filter = this.#place.run.session(id);
        const removing = manager.streams.purge(stream, { filter, seq });
        this.#removing.push(removing);
        await removing;
      },
    };
    return broker as Broker;
  }
}

function test(claim: string, body: (sides: Sides, place: NatsStore) => Promise<void>): void {
  testWithStore(`Session ${claim}`, async (place) => {
    await using sides = new Sides(place);
    await sides.begin();
    await body(sides, place);
  });
}

// Commands of one turn go together.
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

test("lets a worker that it has dropped begin no call", async (sides, place) => {
  const outcomes = await sides.send();
  await sides.scheduler.drop(SILENCE);
  assertEquals([sides.closed, outcomes], [[["one"]], []]);
  // The call was on its way for long.
  sides.deliver();
  assertEquals(await Promise.race([sides.worker.ended, sides.worker.given]), GIVEN_UP);
  assertEquals([sides.worker.names, await place.events()], [[], []]);
});

test("does not pass on a call that has begun without its knowledge", async (sides) => {
  const outcomes = await sides.send();
  sides.deliver();
  assertEquals(await sides.worker.given, "one");
  const dropping = sides.scheduler.drop(SILENCE);
  assertEquals(sides.closed, []);
  await sides.read();
  await dropping;
  assertEquals([sides.closed, outcomes.length], [[[]], 1]);
  assertInstanceOf(outcomes[0], WorkerLostError);
  assertEquals(outcomes[0].reason, "unreachable");
  assertStringIncludes(outcomes[0].message, "one was lost: its worker is silent");
});

test("counts no result of a worker that it has dropped", async (sides, place) => {
  const outcomes = await sides.send();
  sides.deliver();
  await sides.worker.given;
  await sides.read();
  await sides.scheduler.drop(SILENCE);
  const before = (await place.messages()).at(-1)?.sequence;
  sides.worker.executor.calls[0]?.succeed("late");
  assertEquals(await sides.worker.ended, GIVEN_UP);
  assertEquals((await place.messages()).at(-1)?.sequence, before);
  await sides.read();
  assertEquals(outcomes.map((error) => error instanceof WorkerLostError), [true]);
});

test("takes the result that a worker has stored before it was dropped", async (sides) => {
  const outcomes = await sides.send();
  sides.deliver();
  await sides.worker.given;
  sides.worker.executor.calls[0]?.succeed("in time");
  sides.worker.session.leave();
  assertEquals(await sides.worker.ended, "");
  const dropping = sides.scheduler.drop(SILENCE);
  await sides.read();
  await dropping;
  assertEquals([sides.closed, outcomes], [[[]], ["in time"]]);
});
