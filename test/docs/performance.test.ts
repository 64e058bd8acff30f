import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../support/fixtures.js';

const page = readFileSync(path.join(projectRoot, 'docs/performance.md'), 'utf8');
const folder = path.join(projectRoot, 'docs/performance');
const json = (name: string): unknown => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));

test('tables and pictures are what the measured figures are', () => {
  const script = path.join(projectRoot, 'scripts/docs-performance.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { env: { ...process.env, NODE_OPTIONS: '' }, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('every row and every curve is shown, and no picture is left over', () => {
  const { rows } = json('bench.json') as { rows: { name: string }[] };
  const { curves } = json('curves.json') as { curves: { id: string }[] };
  expect(rows.filter(({ name }) => !page.includes(`| ${name} |`))).toEqual([]);
  const pictures = curves.map(({ id }) => `${id}.svg`).sort();
  expect(readdirSync(folder).filter((name) => name.endsWith('.svg')).sort()).toEqual(pictures);
  expect([...page.matchAll(/\]\(performance\/([\w-]+\.svg)\)/g)].map(([, name]) => name).sort()).toEqual(pictures);
});
