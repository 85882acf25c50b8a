// The features as tests of a consumer, with all sanitizers on. Run by a test of ours; a plain
// `deno test` does not find it by this name.
import { FEATURES } from "./features.ts";

const sanitized = { sanitizeOps: true, sanitizeResources: true, sanitizeExit: true };

for (const [name, feature] of Object.entries(FEATURES)) Deno.test(name, sanitized, feature);
