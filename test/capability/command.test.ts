import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import type { Backend, Chunk, InvokeOptions } from '../../src/invocation/backend.js';
import type { Authorize } from '../../src/capability/kind.js';
import { makeCommand } from '../../src/capability/kinds/command.js';
import { errorOf, openHost, until } from '../support/host.js';
import { activePlugin, answering, contextOf, found, gate } from './active-plugin.js';

const deny: Authorize = () => false;
const descriptor = (spec?: unknown) => ({ kind: 'command', name: 'deploy', description: 'Deploys', spec }) as const;
const commandOf = (backend: Backend, spec?: unknown, authorize = deny) => makeCommand(contextOf('ops', descriptor(spec), backend, authorize));

/** Keeps the input of each run. */
function recording(): { readonly backend: Backend; readonly inputs: { argv: string[]; cwd: string }[] } {
  const inputs: { argv: string[]; cwd: string }[] = [];
  const invoke: Backend['invoke'] = (_method, input) => {
    inputs.push(JSON.parse(input) as { argv: string[]; cwd: string });
    return Promise.resolve('{"exitCode":0}');
  };
  return { backend: { invoke }, inputs };
}

const printing = (...chunks: readonly Chunk[]): Backend => ({
  async invoke(_method, _input, { onChunk }: InvokeOptions) {
    for (const chunk of chunks) await onChunk?.(chunk);
    return '{"exitCode":3}';
  },
});

describe('the spec', () => {
  test('says usage and whether authorization is required', () => {
    const spec = { usage: 'deploy TARGET', requiresAuthorization: true };
    expect(commandOf(answering(''), spec)).toMatchObject({ pluginId: 'ops', name: 'deploy', description: 'Deploys', ...spec });
    expect(commandOf(answering(''))).toMatchObject({ usage: 'deploy', requiresAuthorization: false });
  });

  test.each([
    [{ requiresAuthorisation: true }, /requiresAuthorisation/],
    [{ requiresAuthorization: 'yes' }, /requiresAuthorization: .*boolean/],
    [{ usage: 5 }, /usage: .*string/],
    ['deploy TARGET', /object/],
    [[], /object/],
  ])('%j is refused', (spec, message) => {
    expect(() => commandOf(answering(''), spec)).toThrow(message);
  });
});

describe('arguments', () => {
  test('arrive as they are, with the folder that they are meant from', async () => {
    const { backend, inputs } = recording();
    await commandOf(backend).run(['--to', 'ø\n\tx', '', '; rm -rf /', '"', '{"a":1}'], { cwd: '/srv' });
    await commandOf(backend).run([]);
    await commandOf(backend).run([], { cwd: 'sub/folder' });
    expect(inputs).toEqual([
      { argv: ['--to', 'ø\n\tx', '', '; rm -rf /', '"', '{"a":1}'], cwd: path.resolve('/srv') },
      { argv: [], cwd: process.cwd() },
      { argv: [], cwd: path.resolve('sub/folder') },
    ]);
  });

  test.each(['', 'a\0b', 5])('the folder %j is refused', async (cwd) => {
    await expect(commandOf(recording().backend).run([], { cwd: cwd as string })).rejects.toMatchObject({ code: 'ERR_OPTIONS', option: 'cwd' });
  });

  test('lose their control characters, newline and tab apart', async () => {
    const { backend, inputs } = recording();
    const all = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).join('');
    await commandOf(backend).run([all, '\u001b[31mred\u001b[0m', '\u009b2J', 'a\0b', '\r\n']);
    const printable = all.replace(/[^ -~]/g, '');
    expect(inputs[0]?.argv).toEqual([`\t\n${printable}`, '[31mred[0m', '2J', 'ab', '\n']);
  });

  test.each([
    ['one of 4097 bytes', ['ok', 'x'.repeat(4097)], '/argv/1', 'at most 4096 bytes', '4097 bytes'],
    ['one whose letters have several bytes', ['ø'.repeat(2049)], '/argv/0', 'at most 4096 bytes', '4098 bytes'],
    ['too many', Array<string>(257).fill('a'), '/argv', 'at most 256 arguments', '257'],
    ['one that is no text', ['a', 5 as unknown as string], '/argv/1', 'a string', 'number'],
    ['a hole', new Array<string>(1), '/argv/0', 'a string', 'undefined'],
  ])('are bounded: %s', async (_what, argv, pointer, expected, shown) => {
    const { backend, inputs } = recording();
    const error = await errorOf(commandOf(backend).run(argv));
    expect(error).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', pluginId: 'ops', capability: 'command deploy', pointer, expected, found: shown });
    expect(inputs).toEqual([]);
  });

  test('at the bounds they are taken', async () => {
    const { backend, inputs } = recording();
    const argv = Array<string>(256).fill('x'.repeat(4096));
    await commandOf(backend).run(argv);
    expect(inputs[0]?.argv).toEqual(argv);
  });
});

describe('output', () => {
  test('is handed on in order and kept, per stream', async () => {
    const seen: unknown[] = [];
    const backend = printing(
      { tag: 'stdout', data: '"one\\n"' },
      { tag: 'stderr', data: '"careful"' },
      { tag: 'stdout', data: '"two\\n"' },
    );
    const result = await commandOf(backend).run([], { onOutput: (chunk) => void seen.push(chunk) });
    expect(result).toEqual({ exitCode: 3, stdout: 'one\ntwo\n', stderr: 'careful' });
    expect(seen).toEqual([
      { stream: 'stdout', text: 'one\n' },
      { stream: 'stderr', text: 'careful' },
      { stream: 'stdout', text: 'two\n' },
    ]);
  });

  test('in bytes may split a character', async () => {
    const [first = 0, ...rest] = Buffer.from('ø!');
    const backend = printing({ tag: 'stdout', data: Buffer.from([first]) }, { tag: 'stderr', data: '"x"' }, { tag: 'stdout', data: Buffer.from(rest) });
    expect(await commandOf(backend).run([])).toMatchObject({ stdout: 'ø!', stderr: 'x' });
    expect(await commandOf(printing({ tag: 'stdout', data: Buffer.from([0x61, first]) })).run([])).toMatchObject({ stdout: 'a\ufffd' });
  });

  test.each([
    ['without a stream', { tag: 'none', data: '"a"' }],
    ['of another kind', { tag: 'delta', data: '"a"' }],
    ['that is no text', { tag: 'stdout', data: '{"a":1}' }],
    ['that is no JSON', { tag: 'stdout', data: 'bare' }],
  ] as const)('%s is an invalid reply', async (_what, chunk) => {
    expect(await errorOf(commandOf(printing(chunk)).run([]))).toMatchObject({ code: 'ERR_INVALID_REPLY', capability: 'command deploy' });
  });

  test('without end is cut off', async () => {
    const chunk = { tag: 'stdout', data: JSON.stringify('x'.repeat(1 << 20)) } as const;
    const error = await errorOf(commandOf(printing(...Array<Chunk>(17).fill(chunk))).run([]));
    expect(error).toMatchObject({ code: 'ERR_PAYLOAD_TOO_LARGE', what: 'output', limit: 16 << 20 });
  });
});

test.each(['{}', '{"exitCode":-1}', '{"exitCode":256}', '{"exitCode":1.5}', '{"exitCode":"0"}', '0', 'null', '[]', '', '{"exitCode":NaN}'])(
  'a reply without a whole exit code from 0 to 255: %j',
  async (text) => {
    expect(await errorOf(commandOf(answering(text)).run([]))).toMatchObject({ code: 'ERR_INVALID_REPLY', pluginId: 'ops', capability: 'command deploy' });
  },
);

describe('authorization', () => {
  const required = { requiresAuthorization: true };

  test('is asked where it is required, with what would run', async () => {
    const asked: unknown[] = [];
    const { backend, inputs } = recording();
    const authorize: Authorize = (request) => {
      asked.push(request);
      return Promise.resolve(true);
    };
    await commandOf(backend, required, authorize).run(['prod\u0007']);
    expect(asked).toEqual([{ pluginId: 'ops', command: 'deploy', argv: ['prod'] }]);
    expect(inputs).toHaveLength(1);
    await commandOf(backend, {}, authorize).run(['prod']);
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['no', () => false],
    ['no, later', () => Promise.resolve(false)],
    ['something that is only nearly a yes', () => 'true' as unknown as boolean],
    ['nothing', () => undefined as unknown as boolean],
    ['a failure', () => { throw new Error('the list of users is not to be had'); }],
    ['a failure, later', () => Promise.reject(new Error('the list of users is not to be had'))],
  ])('the answer "%s" is a no', async (_what, authorize) => {
    const { backend, inputs } = recording();
    const error = await errorOf(commandOf(backend, required, authorize).run([]));
    expect(error).toMatchObject({ code: 'ERR_CALL_DENIED', pluginId: 'ops', capability: 'command deploy' });
    expect(inputs).toEqual([]);
  });

  test('a registry whose host says nothing refuses', async () => {
    let ran = 0;
    const register: Parameters<typeof activePlugin>[0] = (api) =>
      api.registerCommand({ name: 'ship', requiresAuthorization: true, run: () => void ran++ });
    expect(await errorOf(found(await activePlugin(register), 'command', 'ship').run([]))).toMatchObject({ code: 'ERR_CALL_DENIED' });
    const allowed = await activePlugin(register, { authorize: ({ argv }) => argv[0] === 'staging' });
    expect(await errorOf(found(allowed, 'command', 'ship').run(['prod']))).toMatchObject({ code: 'ERR_CALL_DENIED' });
    expect(await found(allowed, 'command', 'ship').run(['staging'])).toMatchObject({ exitCode: 0 });
    expect(ran).toBe(1);
  });
});

test('a command in JavaScript: arguments, folder, output with back-pressure, exit code', async () => {
  const steps: string[] = [];
  const registry = await activePlugin((api) =>
    api.registerCommand({
      name: 'ls',
      description: 'Lists',
      usage: 'ls WHAT',
      async run(argv, { cwd, stdout, stderr }) {
        await stdout(`${cwd}/${argv.join(' ')}\n`);
        steps.push('printed');
        await stderr('nothing here\n');
        return 4;
      },
    }),
  );
  const command = found(registry, 'command', 'ls');
  expect(command).toMatchObject({ usage: 'ls WHAT', requiresAuthorization: false });
  const held = gate();
  const run = command.run(['a', 'b'], {
    cwd: '/srv',
    onOutput: async ({ stream }) => {
      steps.push(stream);
      await held.promise;
    },
  });
  await until(() => steps.length > 0);
  await new Promise(setImmediate);
  expect(steps).toEqual(['stdout']);
  held.open();
  expect(await run).toEqual({ exitCode: 4, stdout: `${path.resolve('/srv')}/a b\n`, stderr: 'nothing here\n' });
  expect(steps).toEqual(['stdout', 'printed', 'stderr']);
});

describe('a native command', () => {
  test('runs, prints and answers an exit code', async () => {
    const { registry } = await openHost(['good-c']);
    const greet = found(registry, 'command', 'greet');
    expect(greet).toMatchObject({ pluginId: 'good-c', description: 'Greets someone', usage: 'greet NAME [EXIT_CODE]', requiresAuthorization: false });
    const seen: unknown[] = [];
    const result = await greet.run(['Ada', '7'], { onOutput: (chunk) => void seen.push(chunk) });
    expect(result).toEqual({ exitCode: 7, stdout: 'hello Ada\n', stderr: 'greeted Ada\n' });
    expect(seen).toEqual([{ stream: 'stdout', text: 'hello Ada\n' }, { stream: 'stderr', text: 'greeted Ada\n' }]);
  });

  test('whose exit code is none, that fails, that is cancelled or late', async () => {
    const { registry } = await openHost(['good-c']);
    const greet = found(registry, 'command', 'greet');
    expect(await errorOf(greet.run(['Ada', '300']))).toMatchObject({ code: 'ERR_INVALID_REPLY', expected: '{"exitCode": 0 to 255}', found: '{"exitCode":300}' });
    expect(await errorOf(greet.run(['x'.repeat(300)]))).toMatchObject({ code: 'ERR_INVOCATION_FAILED', reason: 'the name is too long' });
    expect(await errorOf(greet.run(['Ada'], { signal: AbortSignal.abort() }))).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
    const never = new Promise<void>(() => undefined);
    expect(await errorOf(greet.run(['Ada'], { timeoutMs: 200, onOutput: () => never }))).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT', timeoutMs: 200 });
  });
});
