// Where the labels of lost workers lie in the chart of the workers.
import { assertEquals } from "@std/assert";
import type { Bar } from "../../scheduling/display/plots/_bars.ts";
import { LOSS_LABEL, lossLabels } from "../../scheduling/display/plots/_loss_labels.ts";

const AXIS = { from: 0, to: 1000, unit: 1, label: "time (ms)" };

function bar(start: number, end: number, row = 0): Bar {
  const times = { start, end, runningTime: end - start };
  return {
    task: "t",
    future: 1,
    worker: row + 1,
    attempt: 1,
    outcome: "lost",
    count: 1,
    row,
    ...times,
  };
}

function placed(time: number, bars: readonly Bar[]): (number | boolean)[] {
  const [label] = lossLabels([{ time, worker: 1, count: 1 }], bars, AXIS, 1);
  return label === undefined ? [] : [label.time, label.isLeft];
}

Deno.test("lossLabels() puts a label to the right of a loss", () => {
  assertEquals(placed(300, [bar(200, 300)]), [300, false]);
  assertEquals(placed(300, [bar(200, 300), bar(310, 900, 1)]), [300, false]);
  assertEquals(placed(300, [bar(200, 300), bar(300 + LOSS_LABEL, 900)]), [300, false]);
});

Deno.test("lossLabels() puts a label to the left where it is free", () => {
  assertEquals(placed(300, [bar(310, 400)]), [300, true]);
  assertEquals(placed(990, []), [990, true]);
});

Deno.test("lossLabels() puts a label before the bar of its loss", () => {
  assertEquals(placed(300, [bar(200, 300), bar(310, 400)]), [200, true]);
  assertEquals(placed(990, [bar(10, 20), bar(500, 990)]), [500, true]);
});

Deno.test("lossLabels() covers a bar where no place is free", () => {
  assertEquals(placed(300, [bar(50, 300), bar(310, 400)]), [300, false]);
  assertEquals(placed(990, [bar(50, 990)]), [990, true]);
});
