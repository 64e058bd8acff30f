import { expect, test } from '@jest/globals';
import { InvocationError, LifecycleError, LoadError, type PluginError } from '../../../src/errors/index.js';
import { errorFrom, errorOfPlugin, recordOf, type ErrorRecord } from '../../../src/isolation/wire/error-record.js';
import { InvocationErrorRecord, RequestErrorRecord } from '../../../src/isolation/wire/error-record-shape.js';

const sent = (error: unknown): unknown => JSON.parse(JSON.stringify(recordOf(error)));
const received = (record: unknown): ErrorRecord | undefined => InvocationErrorRecord.safeParse(record).data ?? RequestErrorRecord.safeParse(record).data;
const origin = { pluginId: 'p', path: '/x' };
const across = (error: unknown): PluginError => errorOfPlugin(InvocationErrorRecord.or(RequestErrorRecord).parse(sent(error)), origin);

test.each([
  new InvocationError('ERR_INVOCATION_FAILED', { capability: 'tool a', status: 'FAILED', reason: 'why' }, { pluginId: 'p', cause: new Error('below') }),
  new InvocationError('ERR_PAYLOAD_TOO_LARGE', { capability: 'tool a', what: 'a reply', bytes: Infinity, limit: 10 }, { pluginId: 'p' }),
  new LifecycleError('ERR_CAPABILITY_DUPLICATE', { kind: 'tool', capabilityName: 'a', winner: 'plugin b' }, { pluginId: 'p', path: '/x', step: 'register' }),
  new LoadError('ERR_ABI_MISMATCH', { expected: { min: 1, max: 1 }, found: 99, source: 'function' }, { pluginId: 'p', path: '/x' }),
  new LoadError('ERR_CREATE_FAILED', { symbol: 'aisopod_plugin_create', reason: 'returned NULL' }, { pluginId: 'p', path: '/x' }),
])('an error is the same on the other side: $code', (error) => {
  const there = across(error);
  expect(there.toJSON()).toEqual(error.toJSON());
  expect(there.constructor).toBe(error.constructor);
  expect(there).toBeInstanceOf(Error);
});

test('anything else that was thrown goes as what the sender says', () => {
  expect(across(new TypeError('a slip'))).toMatchObject({ code: 'ERR_INTERNAL', reason: 'a slip' });
  expect(across('text')).toMatchObject({ code: 'ERR_INTERNAL', reason: 'text' });
});

test('text without end is cut before it is sent', () => {
  const there = across(new LoadError('ERR_LIBRARY_LOAD', { reason: 'x'.repeat(1_000_000) }));
  expect((there as LoadError<'ERR_LIBRARY_LOAD'>).reason).toHaveLength(65_536);
});

test('a host tells a child of errors of any kind', () => {
  const error = new InvocationError('ERR_PLUGIN_CRASHED', { capability: 'tool a', signal: 'SIGSEGV', exitCode: null, reason: 'was killed by SIGSEGV', during: 'tool a' });
  expect(errorFrom(sent(error) as ErrorRecord)?.toJSON()).toEqual(error.toJSON());
});

const answered = { code: 'ERR_INVOCATION_FAILED', step: 'active', fields: { capability: 'tool a', status: 'FAILED', reason: 'why' } };

test('a child speaks for its own plugin alone, and of what the host asked it for', () => {
  const forged = { ...answered, pluginId: 'bank', path: '/etc/passwd', fields: { ...answered.fields, capability: 'tool pay' } };
  const record = InvocationErrorRecord.parse(forged);
  const error = errorOfPlugin(record, { pluginId: 'p', capability: 'tool a' });
  expect(error.toJSON()).toMatchObject({ pluginId: 'p', capability: 'tool a', message: 'plugin p: tool a failed: why' });
  expect(error.path).toBeUndefined();
  expect(errorOfPlugin(record, origin).path).toBe('/x');
});

test('a record is of a code that a child can have, and has the fields of that code: all of them, and no other', () => {
  expect(received(answered)).toEqual(answered);
  const { capability, status } = answered.fields;
  expect(received({ ...answered, fields: { capability, status } })).toBeUndefined();
  expect(received({ ...answered, fields: { ...answered.fields, state: 'x' } })).toBeUndefined();
  expect(received({ ...answered, fields: { ...answered.fields, reason: 7 } })).toBeUndefined();
  // Every field there is, so that it can be for the code alone.
  const all = { capability: 'x', caller: 'x', timeoutMs: 1, stillRunning: true, signal: null, exitCode: 1, reason: 'x', during: 'x', operation: 'x' };
  const made = ['ERR_PLUGIN_CRASHED', 'ERR_INVOCATION_TIMEOUT', 'ERR_LIFECYCLE_CRASHED', 'ERR_LIFECYCLE_TIMEOUT', 'ERR_CALL_DENIED', 'ERR_CONNECTION_CLOSED'] as const;
  for (const code of made) {
    const needed = Object.keys(all).map((key) => [key, all[key as keyof typeof all]] as const);
    for (let bits = 0; bits < 2 ** needed.length; bits++) {
      const some = Object.fromEntries(needed.filter((_pair, i) => (bits >> i) % 2 === 1));
      expect(received({ code, step: 'active', fields: some })).toBeUndefined();
    }
  }
});
