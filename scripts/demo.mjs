/** `npm run demo`: builds everything from nothing, then shows it. */
import { ensureReady } from './setup.mjs';

await ensureReady({ fixtures: true });
await import('./demo/run.mjs');
