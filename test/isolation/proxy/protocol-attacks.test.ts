import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import path from 'node:path';
import { projectRoot } from '../../support/fixtures.js';
import { errorOf, recordOf, until } from '../../support/host.js';
import { onInvoke, openFake } from '../fake.js';
import { openIn } from '../homes.js';

/** Sends that the invocation failed. `fields` is an expression, as all of a script. */
const failing = (code: string, fields: string, stillRunning = false): string =>
  `send({ type: 'failure', id, stillRunning: ${String(stillRunning)}, error: { code: '${code}', step: 'active', fields: ${fields} } });`;

/** Each field of a binary header wrong in turn: its name, a change of the bytes of `header`, what the host says. */
const WRONG_HEADERS: readonly (readonly [string, string, string])[] = [
  ['type 0', `header[0] = 0`, 'a header of type 0, which it cannot send'],
  ['a type that does not exist', `header[0] = 8`, 'a header of type 8, which it cannot send'],
  ['the largest type', `header[0] = 31`, 'a header of type 31, which it cannot send'],
  ['the type of an invoke', `header[0] = 1`, 'a header of type 1, which it cannot send'],
  ['the type of a cancel', `header[0] = 2`, 'a header of type 2, which it cannot send'],
  ['the type of a credit', `header[0] = 3`, 'a header of type 3, which it cannot send'],
  ['a flag that does not exist', `header[1] = 2`, 'a chunk with flags 2'],
  ['a tag that does not exist', `header.writeUInt16LE(6, 2)`, 'a chunk with detail 6'],
  ['a tag beyond a byte', `header.writeUInt16LE(256, 2)`, 'a chunk with detail 256'],
  ['a first operand', `header.writeUInt32LE(1, 4)`, 'a chunk with first operand 1'],
  ['no id', `header.writeUIntLE(0, 8, 6)`, 'a chunk with id 0'],
  ['an id that was never given', `header.writeUIntLE(2 ** 48 - 1, 8, 6)`, 'a chunk of invocation 281474976710655, which is not open'],
  ['a section', `header.writeUInt16LE(1, 14)`, 'a chunk with 1 sections'],
  ['a second operand', `header.writeUInt32LE(2 ** 32 - 1, 16)`, 'a chunk with second operand 4294967295'],
  ['a third operand', `header.writeUInt32LE(2 ** 31, 20)`, 'a chunk with third operand 2147483648'],
];

/** Sends a chunk whose header was changed. */
const sendChanged = (change: string): string => `const header = binaryHeader({ type: 'chunk', id, isText: true }); ${change}; raw(frame(header, '1'));`;

const uncaught: unknown[] = [];
const note = (error: unknown): void => void uncaught.push(error);
const prototypeKeys = Reflect.ownKeys(Object.prototype);
beforeAll(() => void process.on('uncaughtException', note).on('unhandledRejection', note));
afterAll(() => void process.off('uncaughtException', note).off('unhandledRejection', note));
afterEach(() => {
  expect(uncaught).toEqual([]);
  expect(Reflect.ownKeys(Object.prototype)).toEqual(prototypeKeys);
});

test('the fake behaves where it is not told otherwise', async () => {
  const host = await openFake(onInvoke(`send({ type: 'result', id }, payload);`));
  expect(await host.tool('echo').call({ a: 1 })).toEqual({ a: 1 });
});

test('it gets the index of the capability and of the method, and the options of the call', async () => {
  const capabilities = JSON.stringify([['tool', 'echo'], ['tool', 'fail'], ['provider', 'parrot']].map(([kind, name]) => ({ kind, name, description: '' })));
  const register = `if (message.type === 'register') return send({ type: 'done', request: message.request }, ${JSON.stringify(capabilities)});`;
  const host = await openFake(`${register} ${onInvoke(`send({ type: 'result', id }, JSON.stringify(message));`)}`);
  const first = { type: 'invoke', capability: 0, method: 0, chainLength: 0, chunks: false, drain: false };
  expect(await host.tool('echo').call({})).toMatchObject(first);
  expect(await host.tool('fail').call({})).toMatchObject({ ...first, capability: 1 });
  expect(await host.find('provider', 'parrot').chat({ messages: [] })).toMatchObject({ ...first, capability: 2, method: 1, chunks: true });
});

describe('whatever a child sends, the invocation ends with a typed error, and the child is killed', () => {
  test.each([
    ['garbage', `raw(Buffer.alloc(64, 0x7f))`, 'a header of'],
    ['a header that is not JSON', `raw(frame('{"type":'))`, 'a header that is not JSON'],
    ['a header that is larger than its frame', `raw(Buffer.from([8, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0]))`, 'a frame of 8 bytes with a header of 200'],
    ['a frame of no length', `raw(Buffer.alloc(8))`, 'a frame of 0 bytes'],
    ['a payload of gigabytes', `raw(Buffer.from([255, 255, 255, 255, 2, 0, 0, 0, 123, 125]))`, 'over the limit'],
    ['a header of gigabytes', `raw(Buffer.from([255, 255, 255, 255, 255, 255, 255, 254]))`, 'a header of'],
    ['null', `raw(frame('null'))`, 'an invalid message'],
    ['an array', `raw(frame('[]'))`, 'an invalid message'],
    ['an unknown type', `send({ type: 'constructor' })`, 'an invalid message'],
    ['a missing number', `send({ type: 'done' })`, 'an invalid message'],
    ['a number of another type', `send({ type: 'done', request: '1' })`, 'an invalid message'],
    ['a number that is no integer', `raw(frame('{"type":"done","request":1e999}'))`, 'an invalid message'],
    ['a key too many', `send({ type: 'done', request: 1, extra: 1 })`, 'an invalid message'],
    ['__proto__ as a key', `raw(frame('{"type":"done","request":1,"__proto__":{"polluted":1}}'))`, 'an invalid message'],
    ['JSON where a binary header belongs', `raw(frame('{"type":"result","id":' + id + '}'))`, 'an invalid message'],
    ['an unknown invocation', `send({ type: 'result', id: id + 1000 }, '1')`, 'which is not open'],
    ['an answer twice', `send({ type: 'pending', id }); send({ type: 'result', id: id + 7 }, '1')`, 'which is not open'],
    ['an answer to no request', `send({ type: 'done', request: 99 })`, 'an answer to no request'],
    ['a message of an unknown plugin', `send({ type: 'log', plugin: 99999, level: 'info' }, 'x')`, 'which is not loaded'],
    ['a result that is no UTF-8', `send({ type: 'result', id }, Buffer.from([0x22, 0xff, 0x22]))`, 'a result that is not UTF-8'],
    ['chunks that nobody has room for', `for (let i = 0; i < 100; i++) send({ type: 'chunk', id, tag: 'none', isText: true }, '1')`, 'more chunks than there was room for'],
    ['an error of an unknown code', `send({ type: 'failure', id, stillRunning: false, error: { code: 'toString', fields: {}, step: 'active' } })`, 'an invalid message'],
    ['an error with a prototype', `raw(frame('{"type":"failure","id":' + id + ',"stillRunning":false,"error":{"code":"ERR_PLUGIN_BUSY","step":"active","fields":{"__proto__":{"a":1}}}}'))`, 'an invalid message'],
    ['an error that replaces its own methods', `send({ type: 'failure', id, stillRunning: false, error: { code: 'ERR_PLUGIN_BUSY', step: 'active', fields: { toJSON: 'x', stack: 'y' } } })`, 'an invalid message'],
    ['an error without its fields', `send({ type: 'failure', id, stillRunning: false, error: { code: 'ERR_ABI_MISMATCH', step: 'active', fields: {} } })`, 'an invalid message'],
    ['a crash, as only the host can see one', failing('ERR_PLUGIN_CRASHED', `{ capability: 'tool echo', signal: null, exitCode: 1, reason: 'x', during: 'x' }`), 'an invalid message'],
    ['an end of native code that it never said goes on', `send({ type: 'returned', id })`, /a returned of invocation \d+, which is sent/],
    ['the same of what is pending', `send({ type: 'pending', id }); send({ type: 'returned', id })`, /a returned of invocation \d+, which is pending/],
    ['that it takes up an invocation, twice', `send({ type: 'pending', id }); send({ type: 'pending', id })`, /a pending of invocation \d+, which is pending/],
    ['that what was not given up still runs', failing('ERR_PLUGIN_BUSY', `{ capability: 'x', reason: 'x' }`, true), 'a failure with ERR_PLUGIN_BUSY of an invocation that is still running'],

    ['a version of another protocol', `send({ type: 'ready', version: 1 })`, 'version 1 of the protocol'],
    ['calls without end', `if (globalThis.attacked) return; globalThis.attacked = true; for (let i = 1; i < 6000; i++) send({ type: 'call', plugin: message.plugin, call: i, kind: 'tool', name: 'echo', method: 'call', parent: id, inside: true }, '{}')`, 'calls at once'],
    ['a flood of signs of life', `for (;;) sendNow({ type: 'pong' }, undefined, 500)`, 'unrequested messages'],
    ['few signs of life that are large', `for (;;) sendNow({ type: 'pong' }, Buffer.alloc(2 ** 20))`, 'unrequested messages'],
    ['a flood of log lines', `for (;;) sendNow({ type: 'log', plugin: message.plugin, level: 'info' }, 'line', 500)`, 'unrequested messages'],

    ...WRONG_HEADERS.map(([name, change, problem]) => [`a binary header with ${name}`, sendChanged(change), problem] as const),
    ['a binary header that is cut off', `raw(frame(binaryHeader({ type: 'result', id }).subarray(0, 23), '1'))`, 'a header of 23 bytes for a result'],
    ['a binary header of one byte', `raw(frame(Buffer.from([6]), '1'))`, 'a header of 1 bytes for a result'],
    ['a binary header that is too long', `raw(frame(Buffer.concat([binaryHeader({ type: 'result', id }), Buffer.alloc(4)]), '1'))`, 'a header of 28 bytes for a result'],
    ['bytes where there are none', `send({ type: 'pending', id }, '1')`, 'a pending with a payload of 1 bytes'],
  ])('%s', async (_name, attack, problem) => {
    const host = await openFake(onInvoke(attack), { heartbeatMs: Infinity }); // a child that floods its host reads no heartbeat
    const plugin = host.remote('good-c');
    // Without a deadline: a starved host takes long to read a burst.
    const error = await errorOf(host.tool('echo').call({}, { timeoutMs: Infinity }));
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_CRASHED', pluginId: 'good-c', capability: 'tool echo', signal: 'SIGKILL' });
    expect((error as { reason?: string }).reason).toMatch(/^was killed by the host: it broke the protocol: it sent /);
    expect(error.message).toMatch(problem);
    expect(plugin.state).toBe('quarantined');
  });

  test.each([
    ['a result', `send({ type: 'result', id: message.id }, '1')`],
    ['another failure', `const { id } = message; ${failing('ERR_PLUGIN_BUSY', `{ capability: 'x', reason: 'x' }`)}`],
    ['word that it is pending', `send({ type: 'pending', id: message.id })`],
  ])('%s after it was answered as cancelled', async (_name, attack) => {
    const cancelled = `const { id } = message; ${failing('ERR_INVOCATION_CANCELLED', `{ capability: 'x', stillRunning: true }`, true)}`;
    const host = await openFake(`if (message.type === 'cancel') { { ${cancelled} } ${attack} } else if (message.type !== 'invoke') behave(message);`);
    const stop = new AbortController();
    const called = errorOf(host.tool('echo').call({}, { signal: stop.signal }));
    stop.abort();
    expect(await called).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
    await until(() => host.remote('good-c').state === 'quarantined');
    expect(recordOf(host.remote('good-c'))).toMatch(/it sent a (result|failure|pending) of invocation \d+, which is failed/);
  });

  test('a result that is longer than a string can be', async () => {
    const bytes = `const head = frame({ type: 'result', id }); head.writeUInt32LE(head.readUInt32LE(0) + 54e7, 0); raw(head); for (let i = 0; i < 54; i++) raw(Buffer.alloc(1e7, 0x78));`;
    const host = await openFake(onInvoke(bytes), { maxPayloadBytes: 2 ** 30 });
    const error = await errorOf(host.tool('echo').callRaw('{}'));
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_CRASHED' });
    expect(error.message).toContain('it sent a message that the host cannot process: Cannot create a string longer');
  });

  test('nothing at all, when it is told to end', async () => {
    const host = await openFake(`if (message.type !== 'exit') behave(message);`);
    await host.registry.shutdownAll();
    expect(host.registry.list()).toEqual([]);
  });

  test('nothing at all, not even signs of life', async () => {
    const host = await openFake(`if (message.type !== 'ping') behave(message);`, { heartbeatMs: 200 });
    const error = await errorOf(host.tool('echo').call({}));
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_CRASHED', reason: 'was killed by the host: it gave no sign of life for 600 ms' });
  });

  test('the end of the connection', async () => {
    const host = await openFake(onInvoke(`require('node:fs').closeSync(12);`).replace("require('node:fs')", "process.getBuiltinModule('node:fs')"));
    expect(await errorOf(host.tool('echo').call({}))).toMatchObject({ code: 'ERR_PLUGIN_CRASHED', pluginId: 'good-c' });
  });
});

test('a child that takes long to send one message is alive meanwhile', async () => {
  const slow = `
    if (message.type === 'ping') return; // an answer would arrive behind the message
    if (message.type !== 'invoke') return behave(message);
    const bytes = frame({ type: 'result', id: message.id }, payload);
    let at = 0;
    const timer = setInterval(() => {
      raw(bytes.subarray(at, (at += 100)));
      if (at >= bytes.length) clearInterval(timer);
    }, 20);`;
  const host = await openFake(slow, { heartbeatMs: 100 });
  const text = JSON.stringify('x'.repeat(5000));
  expect(await host.tool('echo').callRaw(text)).toBe(text);
});

test('a payload that comes a byte at a time, or many messages in one piece, are messages all the same', async () => {
  const slow = `const bytes = frame({ type: 'result', id }, payload); let at = 0; const next = () => { if (at < bytes.length) { raw(bytes.subarray(at, ++at)); setImmediate(next); } }; next();`;
  const host = await openFake(onInvoke(slow));
  const text = JSON.stringify('x'.repeat(5000));
  expect(await host.tool('echo').callRaw(text)).toBe(text);
  const atOnce = `const parts = [frame({ type: 'pending', id }), frame({ type: 'log', plugin: message.plugin, level: 'info' }, 'a line'), frame({ type: 'result', id }, '1')]; raw(Buffer.concat(parts));`;
  const other = await openFake(onInvoke(atOnce));
  expect(await other.tool('echo').callRaw('{}')).toBe('1');
  expect(other.log).toContainEqual({ level: 'info', message: 'a line', pluginId: 'good-c' });
});

test.each([
  ['the answer to another question', `send({ type: 'loaded', request, isThreadSafe: true })`, 'it sent loaded in answer to init'],
  ['a crash, as only the host can see one', `send({ type: 'failed', request, error: { code: 'ERR_LIFECYCLE_CRASHED', step: 'init', fields: { operation: 'init', signal: null, exitCode: 1, reason: 'x' } } })`, 'it sent an invalid message'],
])('%s, in answer to init, fails that', async (_name, attack, problem) => {
  const error = await errorOf(openFake(`const { request } = message; if (message.type === 'init') ${attack}; else behave(message);`));
  expect(error).toMatchObject({ code: 'ERR_LIFECYCLE_CRASHED', operation: 'init', pluginId: 'good-c' });
  expect(error.message).toContain(problem);
});

test('an error is of the plugin that was asked, and of what it was asked for', async () => {
  const forged = `{ code: 'ERR_INVOCATION_FAILED', step: 'active', pluginId: 'bank', path: '/etc/passwd', fields: { capability: 'tool pay', status: 'FAILED', reason: 'why' } }`;
  const host = await openFake(onInvoke(`send({ type: 'failure', id, stillRunning: false, error: ${forged} });`));
  const error = await errorOf(host.tool('echo').call({}));
  expect(error.toJSON()).toMatchObject({ message: 'plugin good-c: tool echo failed: why', pluginId: 'good-c', capability: 'tool echo' });
  expect(error.path).toBeUndefined();

  const refusing = `send({ type: 'failed', request: message.request, error: { code: 'ERR_INIT_FAILED', step: 'init', pluginId: 'bank', path: '/etc/passwd', fields: { status: 'FAILED', reason: 'why' } } });`;
  const refused = await errorOf(openFake(`if (message.type === 'init') ${refusing} else behave(message);`));
  expect(refused).toMatchObject({ code: 'ERR_INIT_FAILED', pluginId: 'good-c' });
  expect(refused.path).toMatch(/good-c\b.*good-c\./);
});

test('a registration of another shape fails the plugin, and of what is not declared too', async () => {
  // Expressions: an environment variable of Windows has room for 32767 characters.
  const answering = (payload: string): string => `if (message.type !== 'register') return behave(message); send({ type: 'done', request: message.request }, ${payload});`;
  const registering = (payload: string): string => answering(JSON.stringify(payload));
  expect(await errorOf(openFake(registering('{"kind":"tool"}')))).toMatchObject({ code: 'ERR_REGISTER_FAILED', status: 'a broken reply' });
  expect(await errorOf(openFake(answering(`'[' + '0,'.repeat(20_000) + '0]'`)))).toMatchObject({ code: 'ERR_REGISTER_FAILED', status: 'a broken reply' });
  expect((await errorOf(openFake(answering(`' '.repeat(17e6)`)))).message).toContain('it sent an answer to register of 17000000 bytes');
  expect(await errorOf(openFake(registering('[{"kind":"tool","name":"__proto__","description":""}]')))).toMatchObject({ code: 'ERR_CAPABILITY_UNDECLARED' });
  expect(await errorOf(openFake(registering('[{"kind":"tool","name":"echo","description":"","spec":7}]')))).toMatchObject({ code: 'ERR_CAPABILITY_INVALID' });
});

test('steps without end, while it is loaded, are no way to fill the host', async () => {
  const entry = { step: 'open', check: 'c', decision: 'passed', durationMs: 0 };
  const script = `if (message.type !== 'load') return behave(message); for (let i = 0; i < 100; i++) send({ type: 'traced', request: message.request, entry: ${JSON.stringify(entry)} }); behave(message);`;
  const error = await errorOf(openFake(script));
  expect(error).toMatchObject({ code: 'ERR_LIFECYCLE_CRASHED', operation: 'load' });
  expect(error.message).toContain('more than 32 steps of one request');
});

test('what it prints is bounded in lines and length, and what was left out is counted', async () => {
  const lines = `Array.from({ length: 100_000 }, (_, i) => 'line ' + i + '\\n').join('')`;
  const print = `process.stdout.write('x'.repeat(100_000) + '\\nshort\\n', () => process.stderr.write(${lines}, () => send({ type: 'result', id }, '1')));`;
  const host = await openFake(onInvoke(print));
  expect(await host.tool('echo').callRaw('{}')).toBe('1');
  await host.registry.shutdownAll();
  await until(() => host.log.some(({ message }) => /^\d+ lines were dropped here/.test(message)));
  expect(host.log.every(({ message }) => message.length < 9000)).toBe(true);
  expect(host.log).toContainEqual({ level: 'info', message: 'short', pluginId: 'good-c' });
  expect(host.log.length).toBeLessThan(20_000);
});

test('a log line is one line, however it came, and no longer than one may be', async () => {
  const log = (text: string): string => `send({ type: 'log', plugin: message.plugin, level: 'info' }, ${text});`;
  const lines = `${log(`'hello\\n2026-01-01 ERROR the vault was opened \\u001b[2J'`)} ${log(`'x'.repeat(500_000)`)}`;
  const host = await openFake(onInvoke(`${lines} process.stdout.write('a\\rb\\u001b[2J\\n', () => send({ type: 'result', id }, '1'));`));
  await host.tool('echo').callRaw('{}');
  await until(() => host.log.length >= 4);
  expect(host.log.map(({ message }) => message)).toContain('hello\\n2026-01-01 ERROR the vault was opened \\u001b[2J');
  expect(host.log.map(({ message }) => message)).toContain('a\\rb\\u001b[2J');
  expect(Math.max(...host.log.map(({ message }) => message.length))).toBe(3 * 65_536);
});

test('one that never becomes ready is no plugin, and says why', async () => {
  const error = await errorOf(openIn('process', ['good-c'], { childEntry: path.join(projectRoot, 'package.json') }));
  expect(error).toMatchObject({ code: 'ERR_CHILD_PROCESS', pluginId: 'good-c' });
  expect((error as { reason?: string }).reason).toMatch(/before it was ready/);
});
