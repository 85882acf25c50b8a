/** The queue that the pool and plugins use, compared with an array. */

import { assertEquals } from "@std/assert";
import { Fifo } from "../../scheduling/_base/fifo.ts";

// Longer than one chunk, and than two.
const LENGTHS = [0, 1, 1023, 1024, 1025, 3000];

/** Takes out all items. */
function drain(queue: Fifo<number>): (number | undefined)[] {
  return Array.from({ length: queue.size }, () => queue.shift());
}

for (const length of LENGTHS) {
  const numbers = Array.from({ length }, (_, n) => n);

  Deno.test(`Fifo gives ${length} items in their order, and again once it was empty`, () => {
    const queue = new Fifo<number>();
    for (let round = 0; round < 3; round++) {
      for (const n of numbers) queue.push(n);
      assertEquals([queue.size, queue.peek()], [length, numbers[0]]);
      assertEquals(drain(queue), numbers);
      assertEquals([queue.size, queue.peek(), queue.shift()], [0, undefined, undefined]);
    }
  });

  Deno.test(`Fifo takes some of ${length} items out and keeps the order`, () => {
    const queue = new Fifo<number>();
    for (const n of numbers) queue.push(n);
    const isEven = (n: number) => n % 2 === 0;
    assertEquals(queue.takeOut(isEven), numbers.filter(isEven));
    queue.push(-1);
    assertEquals(drain(queue), [...numbers.filter((n) => !isEven(n)), -1]);
  });
}

Deno.test("Fifo keeps the order while items come and go", () => {
  const queue = new Fifo<number>();
  const model: number[] = [];
  let next = 0;
  for (let step = 0; step < 20_000; step++) {
    // Grows beyond a chunk, then shrinks until it is empty.
    const grows = step % 5000 < 2500;
    if (step % 3 !== 0 === grows) {
      queue.push(next);
      model.push(next++);
    } else assertEquals(queue.shift(), model.shift());
    assertEquals([queue.size, queue.peek()], [model.length, model[0]]);
  }
});
