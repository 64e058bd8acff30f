import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../support/fixtures.js';

const page = readFileSync(path.join(projectRoot, 'docs/architecture.md'), 'utf8');

test('the picture is what the imports are', () => {
  const script = path.join(projectRoot, 'scripts/docs-architecture.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { env: { ...process.env, NODE_OPTIONS: '' }, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('every file and folder that it names exists', () => {
  const named = [...page.matchAll(/`([\w.-]+\/[\w./-]*)`/g)].map(([, name]) => name ?? '');
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((name) => !existsSync(path.join(projectRoot, name)) && !existsSync(path.join(projectRoot, 'src', name)))).toEqual([]);
});

test('every folder of src has its line', () => {
  const folders = readdirSync(path.join(projectRoot, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.filter(({ name }) => !page.includes(`\`${name}/\``)).map(({ name }) => name)).toEqual([]);
});
