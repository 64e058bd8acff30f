/** `npm run bench [-- --only text] [--quick] [--json FILE]`: makes the checkout ready, then measures. */
import { ensureReady } from '../setup.mjs';

await ensureReady({ fixtures: false });
// Only now is there something to import.
await import('./bench.mjs');
