// Calls whose arguments are long on their way.
import { assert, assertEquals } from "@std/assert";
import { BATCH } from "../fixtures/batch_option.ts";
import { during } from "../fixtures/during.ts";
import { makers } from "../fixtures/makers.ts";

// A worker takes some tenths of a second to read so many.
const OBJECTS = 600_000;

for (const [kind, make] of Object.entries(makers(BATCH).losing)) {
  Deno.test(`${kind}: a large argument crosses few times`, async () => {
    const scheduler = make(2);
    let reads = 0;
    const countedFirst = {
      get field() {
        return ++reads;
      },
    };
    const large = Array.from({ length: OBJECTS }, (_, n) => ({ n }));
    const count = scheduler.task((_first: unknown, list: unknown[]) => list.length);
    await during(scheduler, async () => {
      // Until both workers are ready.
      await Promise.all([count.submit(countedFirst, []), count.submit(countedFirst, [])]);
      reads = 0;
      assertEquals(await count.submit(countedFirst, large), OBJECTS);
      assert(reads <= 4, `${reads} crossings`);
    });
  });
}
