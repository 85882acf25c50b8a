/** when decides at each event whether a callback is called. @module */

import { Scheduler } from "@amltk/scheduling";

// The argument of the program; without one, chosen at random.
const locale = Deno.args[0] ?? (Math.random() < 0.5 ? "English" : "German");

const scheduler = Scheduler.withWorkers(1);

scheduler.onStart(
  function printHello() {
    console.log("hello");
  },
  { when: () => locale === "English" },
);

scheduler.onStart(
  function printGutenTag() {
    console.log("guten tag");
  },
  { when: () => locale === "German" },
);

await scheduler.run();
console.log(scheduler);
