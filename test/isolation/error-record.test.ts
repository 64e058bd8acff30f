import { expect, test } from '@jest/globals';
import { InvocationError, LifecycleError, LoadError, type PluginError } from '../../src/errors/index.js';
import { errorFrom, recordOf } from '../../src/isolation/error-record.js';
import { ErrorRecordShape } from '../../src/isolation/error-record-shape.js';

const other = (reason: string): PluginError => new LoadError('ERR_LIBRARY_LOAD', { reason });
const across = (error: unknown): PluginError | undefined => errorFrom(ErrorRecordShape.parse(JSON.parse(JSON.stringify(recordOf(error, other)))));

test.each([
  new InvocationError('ERR_INVOCATION_FAILED', { capability: 'tool a', status: 'FAILED', reason: 'why' }, { pluginId: 'p', cause: new Error('below') }),
  new InvocationError('ERR_PAYLOAD_TOO_LARGE', { capability: 'tool a', what: 'a reply', bytes: Infinity, limit: 10 }, { pluginId: 'p' }),
  new LifecycleError('ERR_CAPABILITY_DUPLICATE', { kind: 'tool', capabilityName: 'a', winner: 'plugin b' }, { pluginId: 'p', path: '/x', step: 'register' }),
  new LoadError('ERR_ABI_MISMATCH', { expected: { min: 1, max: 1 }, found: 99, source: 'function' }, { pluginId: 'p', path: '/x/lib.so' }),
  new LoadError('ERR_LIBRARY_NOT_FOUND', { tried: ['a', 'b'], entryPoint: 'a', suggestion: undefined }, { path: '/x' }),
])('an error is the same on the other side: $code', (error) => {
  const there = across(error);
  expect(there?.toJSON()).toEqual(error.toJSON());
  expect(there?.constructor).toBe(error.constructor);
  expect(there).toBeInstanceOf(Error);
});

test('anything else that was thrown goes as what the sender says', () => {
  expect(across(new TypeError('a slip'))).toMatchObject({ code: 'ERR_LIBRARY_LOAD', reason: 'a slip' });
  expect(across('text')).toMatchObject({ code: 'ERR_LIBRARY_LOAD', reason: 'text' });
});

test('text without end is cut before it is sent', () => {
  const there = across(new LoadError('ERR_LIBRARY_LOAD', { reason: 'x'.repeat(1_000_000) }));
  expect((there as LoadError<'ERR_LIBRARY_LOAD'>).reason).toHaveLength(65_536);
});
