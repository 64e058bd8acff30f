/** The commands that run a plugin sandbox it, as a host does. */
import { describe, expect, test } from '@jest/globals';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sandboxSupport } from '../../src/isolation/sandbox/probe.js';
import { linuxSandbox } from '../isolation/sandbox/linux-sandbox.js';
import { appendToManifest } from '../host/host.js';
import { copyFixture, temporaryFolder, testWhere } from '../support/fixtures.js';
import { cli, cliJson } from './cli.js';

const testSandbox = testWhere(linuxSandbox().level !== 'none', linuxSandbox().reason ?? '');

function setUp(permissions: (outside: string) => string) {
  const outside = temporaryFolder();
  const file = path.join(outside, 'a');
  writeFileSync(file, 'a');
  const plugin = copyFixture('reacher', temporaryFolder());
  appendToManifest(plugin, permissions(JSON.stringify(outside)));
  const read = (...options: string[]) => cliJson(['call', plugin, 'reach_read', JSON.stringify({ path: file }), ...(options.includes('--sandbox') ? [] : ['--sandbox', 'best-effort']), ...options]);
  return { outside, plugin, read };
}

testSandbox('call: a plugin reaches what is granted', async () => {
  const { outside, read } = setUp((folder) => `\n[permissions.optional]\nread = [${folder}]\n`);
  expect((await read()).json).not.toMatchObject({ result: { error: 0 } });
  expect((await read()).json).toMatchObject({ result: { error: expect.any(Number) } });
  expect((await read('--grant', `read ${outside}`)).json).toMatchObject({ result: { error: 0 } });
  expect((await read('--grant', 'all')).json).toMatchObject({ result: { error: 0 } });
  expect((await read('--sandbox', 'off')).json).toMatchObject({ result: { error: 0 } });
  expect((await read('--sandbox', 'require')).json).toMatchObject({ result: { error: expect.any(Number) } });
});

describe('what a plugin requires must be granted', () => {
  const { outside, plugin, read } = setUp((folder) => `\n[permissions]\nread = [${folder}]\ncall = ["tool fetch"]\n`);

  test('to call it', async () => {
    const refused = await read();
    expect(refused).toMatchObject({ code: 1, json: { error: { code: 'ERR_PERMISSION_DENIED', hint: expect.stringContaining('--grant') } } });
    expect(JSON.stringify(refused.json)).not.toContain('call tool fetch'); // there is no other plugin
    expect((await read('--grant', `read ${outside}`)).json).toMatchObject({ result: { error: 0 } });
  });

  test('to describe it, which leaves nothing', async () => {
    const temporary = temporaryFolder();
    const env = { TMPDIR: temporary, TEMP: temporary, TMP: temporary };
    const sandbox = ['--sandbox', sandboxSupport().level === 'none' ? 'best-effort' : 'require'];
    expect(await cliJson(['describe', plugin, ...sandbox], { env })).toMatchObject({ code: 1, json: { error: { code: 'ERR_PERMISSION_DENIED' } } });
    expect(await cliJson(['describe', plugin, ...sandbox, '--grant', 'all'], { env })).toMatchObject({ code: 0 });
    expect(readdirSync(temporary)).toEqual([]);
  });
});

test.each([
  [['--sandbox', 'on'], '--sandbox must be off, best-effort or require, not on'],
  [['--grant', 'reed /'], '--grant must be all, or one of read, write, connect'],
  [['--grant', 'read'], '--grant must be all, or one of read, write, connect'],
])('%j is a wrong use', async (options, message) => {
  for (const command of [['call', '.', 'x'], ['mcp']]) {
    const { code, stderr } = await cli([...command, ...options], { cwd: copyFixture('reacher', temporaryFolder()) });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  }
});
