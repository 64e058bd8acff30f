import { describe, expect, test } from '@jest/globals';
import { realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sandboxSupport } from '../../src/isolation/sandbox/probe.js';
import { fixtureDir, temporaryFolder, testWhere } from '../support/fixtures.js';
import { cli } from './cli.js';

const isTraceable = sandboxSupport().keys.connect === 'enforced';
const testTrace = testWhere(isTraceable, 'needs a kernel that lets the host answer calls of a child');
const reacher = fixtureDir('reacher');

describe('--trace-denials', () => {
  testTrace('prints what the sandbox denies the plugin, and what would allow it', async () => {
    const secret = path.join(realpathSync(temporaryFolder()), 'secret');
    writeFileSync(secret, 's');
    const args = ['call', reacher, 'reach_read', JSON.stringify({ path: secret }), '--data-dir', temporaryFolder(), '--sandbox', 'best-effort'];
    const { stdout, stderr } = await cli([...args, '--trace-denials']);
    expect(JSON.parse(stdout)).toEqual({ error: 13 });
    expect(stderr.split('\n').filter((line) => line.includes(secret))).toEqual([expect.stringContaining(`${secret}: not granted; \`[permissions] read = ["${secret}"]\``)]);
    expect((await cli(args)).stderr).not.toContain('denied:');
  });

  test.each([
    [['--sandbox', 'best-effort', '--in-process'], 'leave out --in-process'],
    [['--sandbox', 'off'], 'leave out --sandbox off'],
  ])('is refused where nothing is denied: %j', async (more, advice) => {
    const { code, stderr } = await cli(['call', reacher, 'reach_env', '{"name":"HOME"}', '--trace-denials', ...more]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(advice)]);
  });
});
