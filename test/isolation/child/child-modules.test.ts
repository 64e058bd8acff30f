/** Each module that a plugin's process loads delays the start of each plugin. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../support/fixtures.js';

/** What a file of dist/ requires when it is loaded, and what that requires: by package name, each with a file that does. */
function packagesOf(file: string, found = new Map<string, string>(), seen = new Set<string>()): Map<string, string> {
  seen.add(file);
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/\brequire\("([^"]+)"\)/g)) {
    if (!name.startsWith('.')) found.set(name, path.relative(projectRoot, file));
    const next = path.resolve(path.dirname(file), name);
    if (name.startsWith('.') && existsSync(next) && !seen.has(next)) packagesOf(next, found, seen);
  }
  return found;
}

test("a plugin's process does not load Ajv: parameters are checked in the host", () => {
  const loaded = packagesOf(path.join(projectRoot, 'dist/isolation/child/main.js'));
  expect([...loaded.keys()]).toContain('koffi');
  expect([...loaded].filter(([name]) => name.startsWith('ajv'))).toEqual([]);
  expect([...packagesOf(path.join(projectRoot, 'dist/bundle.js')).keys()]).toContain('ajv');
});
