import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { projectRoot } from '../support/fixtures.js';

test('docs/platforms.md is what the results say', () => {
  const script = path.join(projectRoot, 'scripts/platforms/matrix.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { env: { ...process.env, NODE_OPTIONS: '' }, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
