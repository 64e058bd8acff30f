/**
 * Writes the picture of src/ in docs/architecture.md from the imports: `node scripts/docs-architecture.mjs`.
 * With --check it writes nothing, and fails if the page is out of date.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAYERS } from '../eslint.config.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = path.join(root, 'docs/architecture.md');
const BLOCK = /(<!-- picture: made by scripts\/docs-architecture\.mjs -->\n\n)[^]*?(\n<!-- end of picture -->)/;

/** The folders of src/ from which the files of one folder import. */
function importsOf(folder) {
  const at = path.join(root, 'src', folder);
  const files = readdirSync(at, { recursive: true }).filter((file) => file.endsWith('.ts'));
  const found = files.flatMap((file) => {
    const text = readFileSync(path.join(at, file), 'utf8');
    const depth = file.split(path.sep).length;
    // One step up per folder level; any more would leave src/.
    const outward = new RegExp(`from '(?:\\.\\./){${depth}}([a-z-]+)/`, 'g');
    return [...text.matchAll(outward)].map(([, name]) => name);
  });
  return new Set(found);
}

function picture() {
  const order = LAYERS.flat();
  const width = Math.max(...order.map((name) => name.length));
  const line = (folder) => {
    const used = importsOf(folder);
    const below = order.filter((name) => used.has(name));
    return below.length === 0 ? `    ${folder}` : `    ${folder.padEnd(width)}  ─▶  ${below.join('  ')}`;
  };
  return LAYERS.map((row) => row.map(line).join('\n')).join('\n');
}

const before = readFileSync(page, 'utf8');
const after = before.replace(BLOCK, (_all, head, tail) => `${head}${picture()}\n${tail}`);
if (!process.argv.includes('--check')) writeFileSync(page, after);
else if (after !== before) {
  console.error('docs/architecture.md is out of date: run node scripts/docs-architecture.mjs');
  process.exitCode = 1;
}
