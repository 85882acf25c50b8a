// Files of programs that have ended, which several programs find at the same time.
import { assertEquals } from "@std/assert";
import { abandonedNames, forgetName, Owner } from "../../executors/slurm/_owner.ts";

async function withFolder(act: (folder: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("Two programs that start together may forget the same name", () =>
  withFolder((folder) => {
    const ended = Owner.take(folder, "train");
    ended.release(true);
    assertEquals(abandonedNames(folder, "train"), [ended.name]);
    forgetName(folder, ended.name);
    forgetName(folder, ended.name);
    assertEquals(abandonedNames(folder, "train"), []);
  }));

Deno.test("A file that goes after it was listed stands for no name", () =>
  withFolder((folder) => {
    const ended = Owner.take(folder, "train");
    ended.release(true);
    const path = `${folder}/${ended.name}.lock`;
    Deno.removeSync(path);
    // It is listed, and opening it finds nothing.
    Deno.symlinkSync(`${folder}/gone`, path);
    assertEquals(abandonedNames(folder, "train"), []);
  }));

Deno.test("An owner may find its file gone", () =>
  withFolder((folder) => {
    const owner = Owner.take(folder, "train");
    Deno.removeSync(`${folder}/${owner.name}.lock`);
    owner.release(false);
  }));
