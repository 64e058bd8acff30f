/** Writes docs/validate.md from the table of checks: `node --import tsx scripts/docs-validate.mjs`. */
import { writeFileSync } from 'node:fs';
import { CHECKS } from '../src/cli/validate/checks.ts';
import { renderPage } from './validate/render.mjs';

writeFileSync(new URL('../docs/validate.md', import.meta.url), renderPage(CHECKS));
