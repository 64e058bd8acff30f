import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';

const script = path.join(projectRoot, 'scripts', 'bench', 'curves.mjs');

function run(...args: string[]) {
  const env = { ...process.env, NODE_OPTIONS: '' };
  return spawnSync(process.execPath, [script, '--quick', '--no-packages', ...args], { encoding: 'utf8', env });
}

interface Curve {
  readonly id: string;
  readonly series: { readonly name: string; readonly points: [number, number][] }[];
}

const isLinux = process.platform === 'linux';

test('every curve has a point for each size and each way', () => {
  const file = path.join(temporaryFolder(), 'curves.json');
  const { status, stderr } = run('--json', file);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { curves } = JSON.parse(readFileSync(file, 'utf8')) as { curves: Curve[] };
  const xs = Object.fromEntries(curves.map(({ id, series }) => [id, [...new Set(series.map(({ points }) => points.map(([x]) => x).join()))]]));
  expect(xs).toEqual({
    payload: ['64,4096'],
    'in-flight': ['1,64'],
    'plugins-call': ['1,3'],
    'plugins-open': ['1,3'],
    'plugins-memory': [isLinux ? '1,3' : ''],
    scan: ['1,10'],
  });
  for (const { series } of curves) {
    for (const { points } of series) expect(points.filter(([, y]) => !(y > 0))).toEqual([]);
  }
  const names = (id: string) => curves.find((curve) => curve.id === id)?.series.map(({ name }) => name);
  expect(names('payload')).toEqual(expect.arrayContaining(['in this process, INLINE', 'in this process', 'in a child', 'worker_threads', 'a raw socket with a Node child']));
  expect(names('plugins-call')).toEqual(['a child for each', 'one child for all', 'in this process']);
});

test('a curve that does not exist is refused by name', () => {
  const { status, stderr } = run('--only', 'nothing');
  expect(status).toBe(2);
  expect(stderr).toContain('payload, in-flight, plugins, scan');
});
