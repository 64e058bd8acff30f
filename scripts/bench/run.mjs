/** `npm run bench` and `npm run bench:curves`: prepares the checkout, then runs the script of this folder that is named first. */
import { ensureReady } from '../setup.mjs';

const [script] = process.argv.splice(2, 1);
await ensureReady({ fixtures: false });
// The import works only after the build.
await import(`./${script}.mjs`);
