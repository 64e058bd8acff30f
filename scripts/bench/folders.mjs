/** Plugin folders to measure with. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { libraryFilename } from 'aisopod-plugin';
import { LIBRARY, ONE_PLUGIN, PLUGIN_ID } from './native.mjs';

export const MANIFEST = 'aisopod.plugin.toml';

const temporary = [];
process.on('exit', () => temporary.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A temporary folder, removed when this process ends. */
function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'aisopod-bench-'));
  temporary.push(folder);
  return folder;
}

/** Plugin folders with a manifest and nothing else. */
export function makeManifests(count) {
  const parent = temporaryFolder();
  for (let i = 0; i < count; i++) {
    const lines = ['[plugin]', `id = "p-${i}"`, 'name = "P"', 'version = "1.0.0"', 'description = "Something"', 'author = "A"', 'entry_point = "p"', '[capabilities]', `tools = ["t_${i}"]`];
    mkdirSync(join(parent, `p-${i}`));
    writeFileSync(join(parent, `p-${i}`, MANIFEST), lines.join('\n'));
  }
  return parent;
}

/** The id of a copy, as long as the original's. */
const idOf = (number) => `p${String(number).padStart(PLUGIN_ID.length - 1, '0')}`;

/** Replaces text in a file by text of the same length. */
function replaceInFile(file, from, to) {
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at);
  writeFileSync(file, bytes);
}

/** Copies of the benchmark plugin. Each library is patched to have an id of its own, which is much faster than to compile it. */
export function makePlugins(count) {
  const parent = temporaryFolder();
  for (let number = 0; number < count; number++) {
    const id = idOf(number);
    const folder = join(parent, id);
    mkdirSync(folder);
    const library = join(folder, libraryFilename(id));
    cpSync(LIBRARY, library);
    cpSync(join(ONE_PLUGIN, PLUGIN_ID, MANIFEST), join(folder, MANIFEST));
    for (const name of readdirSync(folder)) replaceInFile(join(folder, name), PLUGIN_ID, id);
  }
  return parent;
}
