/** What a pool knows of a batch whose worker shares a file with it, or sends messages. @module */

import { assert, assertEquals } from "@std/assert";
import {
  FILE_BATCH_BYTES,
  RunInFile,
  SentInFile,
  type SharedBytes,
} from "../../executors/_progress/in_a_file.ts";
import { RunInStream, SentInStream } from "../../executors/_progress/in_a_stream.ts";
import type { RunProgress } from "../../executors/_progress/progress.ts";
import { BATCHES } from "../../executors/_calls/batch_transport.ts";
import { FILE_PLACES } from "../../executors/_wire/protocol.ts";

/** Bytes and a clock that both sides see; `onAccess` is called after each access of the worker. */
class Bytes implements SharedBytes {
  readonly #bytes = new Uint8Array(2 ** 13);
  onAccess: () => void = () => {};
  /** How often the worker has read. */
  readCount = 0;
  /** In milliseconds. */
  time = 0;

  read(into: Uint8Array, place: number): void {
    into.set(this.#bytes.subarray(place, place + into.length));
  }

  write(bytes: Uint8Array, place: number): void {
    this.#bytes.set(bytes, place);
  }

  /** As the worker sees them. */
  get ofWorker(): SharedBytes {
    return {
      read: (into, place) => {
        this.read(into, place);
        this.readCount++;
        this.onAccess();
      },
      write: (bytes, place) => {
        this.write(bytes, place);
        this.onAccess();
      },
    };
  }

  /** The clock of the worker, whose calls take a microsecond. */
  readonly clockOfWorker = (): number => {
    const time = this.time += 0.001;
    this.onAccess();
    return time;
  };
}

function fileOf(count: number, sendsAll = false) {
  const bytes = new Bytes();
  const sent = new SentInFile(bytes, 0, () => bytes.time += 0.001);
  const run = new RunInFile(bytes.ofWorker, 0, bytes.clockOfWorker, sendsAll);
  sent.open(count);
  run.expect(count);
  run.begin(100);
  return { bytes, sent, run };
}

/** Claims and ends the next call. */
function runNext(run: RunProgress, value: unknown, time: number): number {
  const index = run.claim();
  if (!run.keep(index, value)) run.markSent(index);
  run.end(index, time);
  return index;
}

Deno.test("FILE_PLACES has room for each batch", () => {
  for (let batch = 0; batch < BATCHES; batch++) {
    const end = FILE_PLACES.batch(batch) + FILE_BATCH_BYTES;
    assert(end <= (batch + 1 < BATCHES ? FILE_PLACES.batch(batch + 1) : FILE_PLACES.abort));
  }
});

Deno.test("SentInFile knows results, times and starts while a call runs", () => {
  const { sent, run } = fileOf(4);
  runNext(run, 7, 101);
  runNext(run, undefined, 103);
  run.claim();
  assertEquals([sent.started, sent.ended, sent.done], [3, 2, 2]);
  assertEquals([0, 1].map((index) => sent.outcome(index)), [
    { ok: true, value: 7 },
    { ok: true, value: undefined },
  ]);
  assertEquals([0, 1, 2].map((index) => sent.time(index)), [100, 101, 103]);
});

Deno.test("SentInFile waits for an outcome in transit", () => {
  const { sent, run } = fileOf(3);
  runNext(run, "text", 101);
  runNext(run, 2, 102);
  run.flush();
  assertEquals([sent.started, sent.ended, sent.done], [2, 2, 0]);
  sent.receive({ ok: true, value: "text" });
  assertEquals(sent.done, 2);
  assertEquals([sent.outcome(0), sent.outcome(1)], [
    { ok: true, value: "text" },
    { ok: true, value: 2 },
  ]);
});

Deno.test("RunInFile.claim() and closeClaims() exclude each other", () => {
  // The pool closes after so many accesses of the worker to the file or the clock.
  for (let moment = 0; moment < 600; moment++) {
    const { bytes, sent, run } = fileOf(200);
    let accesses = 0;
    let end: number | undefined;
    bytes.onAccess = () => {
      if (accesses++ === moment) end = sent.closeClaims(0);
    };
    let started = 0;
    for (let index = run.claim(); index >= 0; index = run.claim()) {
      started++;
      run.keep(index, index);
      run.end(index, 101 + index);
    }
    run.flush();
    assertEquals(started, end ?? 200, `after ${moment} accesses`);
    assertEquals([sent.started, sent.done], [started, started]);
  }
});

Deno.test("SentInFile.closeClaims() leaves calls that start meanwhile", () => {
  const { bytes, run } = fileOf(4);
  let waits = 0;
  const sent = new SentInFile(bytes, 0, () => {
    if (waits++ === 0) runNext(run, 2, 102);
    return bytes.time += 0.001;
  });
  sent.open(4);
  runNext(run, 1, 101);
  assertEquals(sent.closeClaims(0), 2);
  assertEquals(run.claim(), -1);
});

Deno.test("RunInFile reads the limit again only when time has passed", () => {
  const { bytes, run } = fileOf(200);
  for (let n = 0; n < 10; n++) runNext(run, n, 101);
  assertEquals(bytes.readCount, 1);
  for (let n = 0; n < 10; n++) {
    bytes.time += 1;
    runNext(run, n, 101);
  }
  assertEquals(bytes.readCount, 11);
});

Deno.test("SentInFile reads no more once the worker has answered", () => {
  const { bytes, sent, run } = fileOf(2);
  for (let n = 0; n < 2; n++) runNext(run, n, 101 + n);
  run.flush();
  sent.seal();
  bytes.read = () => {
    throw new Error("The file was read");
  };
  assertEquals([sent.started, sent.ended, sent.done, sent.closeClaims(0)], [2, 2, 2, 2]);
  assertEquals(sent.outcome(1), { ok: true, value: 1 });
});

Deno.test("SentInFile forgets the batch before", () => {
  const { sent, run } = fileOf(3);
  for (let n = 0; n < 3; n++) runNext(run, "text", 101 + n);
  run.flush();
  sent.open(2);
  assertEquals([sent.started, sent.ended, sent.done], [0, 0, 0]);
  run.expect(2);
  run.begin(200);
  runNext(run, 1, 201);
  run.flush();
  assertEquals([sent.started, sent.done, sent.outcome(0)], [1, 1, { ok: true, value: 1 }]);
});

Deno.test("RunInFile keeps nothing if all outcomes are sent", () => {
  const { sent, run } = fileOf(2, true);
  assertEquals(run.claim(), 0);
  assertEquals(run.keep(0, 1), false);
  run.skip();
  run.end(0, 101);
  runNext(run, 2, 102);
  run.flush();
  assertEquals([sent.ended, sent.done], [2, 1]);
  sent.receive({ ok: true, value: 2 });
  assertEquals([sent.done, sent.outcome(1)], [2, { ok: true, value: 2 }]);
});

Deno.test("SentInStream takes calls back once the worker has answered", () => {
  const sent = new SentInStream();
  const run = new RunInStream((report) => sent.note(report), false);
  sent.open(4);
  run.expect(4);
  run.begin(100);
  runNext(run, 1, 101);
  run.claim();
  assertEquals([sent.started, sent.done, sent.closeClaims()], [2, 1, 4]);
  sent.ask();
  run.halt();
  sent.noteAnswer();
  assertEquals([sent.closeClaims(), run.claim()], [2, -1]);
  assertEquals([0, 1].map((index) => sent.time(index)), [100, 101]);
});

Deno.test("SentInStream keeps a batch that was sent after the question", () => {
  const sent = new SentInStream();
  sent.open(4);
  sent.ask();
  sent.open(3);
  sent.noteAnswer();
  assertEquals(sent.closeClaims(), 3);
});

Deno.test("SentInStream keeps no outcome that was taken", () => {
  const sent = new SentInStream();
  sent.open(1);
  sent.receive({ ok: true, value: "text" });
  sent.note({ ended: { kept: undefined, at: 101 }, begunAt: undefined });
  assertEquals([sent.outcome(0), sent.outcome(0)], [{ ok: true, value: "text" }, undefined]);
});
