/** `npm run demo`: builds everything, then runs the demo. */
import { ensureReady } from './setup.mjs';

await ensureReady({ fixtures: true });
await import('./demo/run.mjs');
