/** `npm run bench [-- --only text] [--quick] [--json FILE]`: prepares the checkout, then runs the benchmarks. */
import { ensureReady } from '../setup.mjs';

await ensureReady({ fixtures: false });
// The import works only after the build.
await import('./bench.mjs');
