import { describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fixturesRoot, temporaryFolder } from '../support/fixtures.js';
import { cli, cliJson } from './cli.js';

const good = path.join(fixturesRoot, 'good-c');
const contracts = path.join(fixturesRoot, 'contracts');

describe('call', () => {
  test('a command: its arguments, output and exit code', async () => {
    expect(await cliJson(['call', good, 'greet', '["Ada", "0"]', '--kind', 'command'])).toEqual({
      code: 0,
      json: { chunks: [], result: { exitCode: 0, stdout: 'hello Ada\n', stderr: 'greeted Ada\n' } },
    });
    const { code, stdout, stderr } = await cli(['call', good, 'greet', '["Ada", "3"]', '--kind', 'command']);
    expect([code, stdout, stderr]).toEqual([1, 'hello Ada\n{\n  "exitCode": 3\n}\n', 'greeted Ada\n']);
  });

  test('a hook, as a host would', async () => {
    const veto = await cliJson(['call', good, 'BeforeToolExecute', '{"mode":"veto"}', '--kind', 'hook']);
    expect(veto).toMatchObject({ code: 0, json: { result: { data: { mode: 'veto' }, vetoed: { pluginId: 'good-c', reason: 'asked to veto' } } } });
    expect(await cliJson(['call', good, 'BeforeToolExecute', '[]', '--kind', 'hook'])).toMatchObject({ code: 1, json: { error: { code: 'ERR_INVALID_PARAMETERS' } } });
  });

  test('a provider: chat with its deltas, models, health', async () => {
    const request = '{"messages":[{"role":"user","content":"a b"}]}';
    expect((await cliJson(['call', good, 'parrot', request, '--kind', 'provider'])).json).toEqual({
      chunks: [{ content: 'a' }, { content: 'b' }],
      result: { role: 'assistant', content: 'a b' },
    });
    expect((await cliJson(['call', good, 'parrot', '--kind', 'provider', '--method', 'models'])).json).toMatchObject({ result: [{ id: 'parrot-1' }] });
    expect((await cliJson(['call', contracts, 'quiet', '--kind', 'provider', '--method', 'health'])).json).toMatchObject({ result: { status: 'degraded' } });
  });

  test('JSON from a file and from standard input', async () => {
    const file = path.join(temporaryFolder(), 'input.json');
    for (const json of ['{"from":"a file"}', '\ufeff{"from":"a file"}\r\n']) {
      writeFileSync(file, json);
      expect((await cliJson(['call', good, 'echo', '--input', file])).json).toMatchObject({ result: { from: 'a file' } });
    }
    expect((await cliJson(['call', good, 'echo', '--input', '-'], { input: '{"from":"here"}' })).json).toMatchObject({ result: { from: 'here' } });
  });

  test('progress goes to the error stream, or with --json beside the chunks', async () => {
    const args = ['call', contracts, 'measure', '{"reply":{"bytes":1},"steps":2}'];
    const { stdout, stderr } = await cli(args);
    expect(stdout).toBe('{\n  "bytes": 1\n}\n');
    expect(stderr).toBe('1: say "ü"\ufffd\n2 of 2\n');
    expect((await cliJson(args)).json).toEqual({ chunks: [], progress: [{ progress: 1, message: 'say "ü"\n' }, { progress: 2, total: 2 }], result: { bytes: 1 } });
  });

  test.each([
    ['a kind that cannot be called', ['call', good, 'loopback', '--kind', 'channel'], 2, /--kind must be one of tool, command, hook, provider/],
    ['a method of something else', ['call', good, 'echo', '--method', 'chat'], 2, /--method is for a provider/],
    ['a method that there is not', ['call', good, 'parrot', '--kind', 'provider', '--method', 'sing'], 2, /models, chat and health, not sing/],
    ['a name that there is not', ['call', good, 'echo', '--kind', 'command'], 1, /plugin good-c has no command echo \(it has: greet\)/],
    ['a hook that there is not', ['call', good, 'BeforeTool', '--kind', 'hook'], 1, /has no hook BeforeTool \(it has: BeforeToolExecute\) \(the hooks are /],
    ['JSON twice', ['call', good, 'echo', '{}', '--input', '-'], 2, /not both/],
    ['a file that there is not', ['call', good, 'echo', '--input', './no-such-file'], 1, /cannot read the parameters/],
    ['a file that is no JSON', ['call', good, 'echo', '--input', path.join(good, 'aisopod.plugin.toml')], 2, /must be JSON/],
  ])('%s', async (_what, args, code, reason) => {
    const end = await cli(args);
    expect(end.stderr).toMatch(reason);
    expect(end.code).toBe(code);
  });
});

describe('describe', () => {
  test('what a plugin offers, as JSON', async () => {
    const { code, json } = await cliJson(['describe', contracts]);
    expect(code).toBe(0);
    expect(json).toMatchObject({
      plugin: { id: 'contracts', version: '1.0.0' },
      requirements: null,
      permissions: null,
      capabilities: [
        {
          kind: 'tool',
          name: 'measure',
          title: 'Measure',
          description: 'Measures a file',
          parameters: { type: 'object', required: ['reply'] },
          annotations: { readOnlyHint: true, openWorldHint: false },
          outputSchema: { required: ['bytes'] },
          result: 'json',
        },
        { kind: 'tool', name: 'picture', result: 'content' },
        { kind: 'hook', name: 'BeforeToolExecute', priority: -5, match: ['file_*', 'shell'], failClosed: true },
        { kind: 'channel', name: 'letters', label: 'Letters', threads: true },
        { kind: 'provider', name: 'quiet' },
      ],
    });
  });

  test('for people, with the schemas', async () => {
    const { code, stdout } = await cli(['describe', contracts, '--in-process']);
    expect(code).toBe(0);
    for (const part of ['Contracts 1.0.0 (contracts)', 'tool measure', 'parameters\n  {\n    "type": "object"', 'outputSchema', 'hook BeforeToolExecute', 'channel letters']) {
      expect(stdout).toContain(part);
    }
  });

  test('a plugin that does not initialize can be described; one that cannot be registered is refused', async () => {
    expect(await cliJson(['describe', path.join(fixturesRoot, 'init-fails')])).toMatchObject({ code: 0, json: { plugin: { id: 'init-fails' } } });
    expect(await cliJson(['describe', path.join(fixturesRoot, 'extra-undeclared')])).toMatchObject({ code: 1, json: { error: { code: 'ERR_CAPABILITY_UNDECLARED' } } });
  });
});
