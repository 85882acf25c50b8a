/** The environment of child processes. @module */

// Deno finds its cache and reaches registries by these. Without them a process would download modules
// again, or fail to.
const READ_BY_DENO = [
  "DENO_DIR",
  "DENO_COVERAGE_DIR",
  "XDG_CACHE_HOME",
  "HOME",
  "JSR_URL",
  "NPM_CONFIG_REGISTRY",
  "DENO_AUTH_TOKENS",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "NO_COLOR",
];

/** All variables, or with partial permission only those that Deno itself needs. */
export function environment(): Record<string, string> {
  if (isGranted({ name: "env" })) return Deno.env.toObject();
  const names = READ_BY_DENO.filter((variable) => isGranted({ name: "env", variable }));
  return Object.fromEntries(names.flatMap(entry));
}

function isGranted(descriptor: Deno.EnvPermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}

function entry(name: string): [string, string][] {
  const value = Deno.env.get(name);
  return value === undefined ? [] : [[name, value]];
}
