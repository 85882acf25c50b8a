// Uses the named features, or all, one after the other, and prints those that passed.
// deno-lint-ignore-file no-console -- read by the test
import { FEATURES } from "./features.ts";

const names = Deno.args.length > 0 ? Deno.args : Object.keys(FEATURES);
for (const name of names) {
  await FEATURES[name]?.();
  console.log(name);
}
