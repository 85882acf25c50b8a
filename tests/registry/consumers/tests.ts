// The features as tests of a consumer, with all sanitizers on. Another test runs this file; a plain
// `deno test` does not find a file with this name.
import { FEATURES } from "./features.ts";

const sanitized = { sanitizeOps: true, sanitizeResources: true, sanitizeExit: true };

for (const [name, feature] of Object.entries(FEATURES)) Deno.test(name, sanitized, feature);
