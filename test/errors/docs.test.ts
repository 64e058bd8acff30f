import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ERROR_TABLE } from '../../src/errors/index.js';
import { projectRoot } from '../support/fixtures.js';

test('docs/errors.md is what the table says', () => {
  const script = path.join(projectRoot, 'scripts/docs-errors.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { env: { ...process.env, NODE_OPTIONS: '' }, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('docs/errors.md has words, no code', () => {
  const page = readFileSync(path.join(projectRoot, 'docs/errors.md'), 'utf8');
  const advice = page.split('\n').filter((line) => line.startsWith('- What to do:'));
  expect(advice.length).toBeGreaterThan(40);
  expect(advice.filter((line) => /\$\{|=>|===|<(?!\w+>)/.test(line))).toEqual([]);
});

test('docs/errors.md has every code once', () => {
  const page = readFileSync(path.join(projectRoot, 'docs/errors.md'), 'utf8');
  const documented = [...page.matchAll(/^### (\w+)$/gm)].map((match) => match[1]);
  expect(documented.sort()).toEqual(Object.keys(ERROR_TABLE).sort());
});
