/** Makes the kernel cap the memory of a process. Linux only. @module */

// A shell reads /proc, because the program itself would need all permissions. The cap comes on top of
// what Deno has reserved by now.
const SCRIPT = `
while read -r name data unit; do
  [ "$name" = VmData: ] && exec prlimit --pid "$0" --data=$((data * 1024 + $1))
done < "/proc/$0/status"
exit 1`;

/**
 * Caps what a process may allocate from now on: heaps, buffers and stacks of all its threads.
 *
 * @throws if `sh` or `prlimit` is missing, or may not be run.
 */
export async function capMemory(pid: number, bytes: number): Promise<void> {
  const { success, code, stderr } = await new Deno.Command("sh", {
    args: ["-c", SCRIPT, `${pid}`, `${bytes}`],
  }).output();
  if (success) return;
  throw new Error(new TextDecoder().decode(stderr).trim() || `sh ended with code ${code}`);
}
