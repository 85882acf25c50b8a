import { assertMatch, assertThrows } from "@std/assert";
import { requireDeno } from "../../scheduling/_base/deno_version.ts";

Deno.test("requireDeno() refuses older versions and names the lowest", () => {
  for (const older of ["1.46.3", "2.3.7", "2.0.6", "2.3.0-rc.1+abc"]) {
    const message = `It needs Deno 2.4 or newer, not ${older}: run "deno upgrade"`;
    assertThrows(() => requireDeno("It", [2, 4], older), TypeError, message);
  }
});

Deno.test("requireDeno() refuses earlier patches of the lowest version", () => {
  for (const older of ["2.4.1", "2.4.0", "2.3.9", "1.9.9"]) {
    const message = `It needs Deno 2.4.2 or newer, not ${older}: run "deno upgrade"`;
    assertThrows(() => requireDeno("It", [2, 4, 2], older), TypeError, message);
  }
});

Deno.test("requireDeno() takes the lowest version and newer ones", () => {
  for (const current of ["2.4.0", "2.4.0-rc.1", "2.10.1", "3.0.0"]) {
    requireDeno("It", [2, 4], current);
  }
  for (const current of ["2.4.2", "2.4.10", "2.5.0", "3.0.0"]) {
    requireDeno("It", [2, 4, 2], current);
  }
});

Deno.test("requireDeno() accepts other runtimes", () => {
  requireDeno("It", [2, 4], null);
});

Deno.test("requireDeno() checks the running version by default", () => {
  assertThrows(() => requireDeno("It", [999, 0]), TypeError, `not ${Deno.version.deno}`);
});

Deno.test("README names the versions that the package asks for", async () => {
  const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
  const readme = await read("README.md");
  for (const path of ["scheduling/_base/deno_version.ts", "executors/process_executor.ts"]) {
    const [, version = "none"] = /: Version = \[([\d, ]+)\]/.exec(await read(path)) ?? [];
    assertMatch(readme, new RegExp(`Deno ${version.replaceAll(", ", "\\.")}\\D`), path);
  }
});
