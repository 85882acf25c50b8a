// Uses the features that are named, one after the other, or all, and tells which have passed.
// deno-lint-ignore-file no-console -- read by the test
import { FEATURES } from "./features.ts";

const names = Deno.args.length > 0 ? Deno.args : Object.keys(FEATURES);
for (const name of names) {
  await FEATURES[name]?.();
  console.log(name);
}
