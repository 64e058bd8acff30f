import { expect, test } from '@jest/globals';
import { withReachedLimit } from '../../../src/isolation/supervisor/reached-limit.js';

const end = (signal: string | null) => ({ signal, exitCode: signal === null ? 1 : null, reason: 'ended' });

test('the end of a process names the limit that the system tells of', () => {
  expect(withReachedLimit(end('SIGXFSZ'), undefined)).toEqual({ ...end('SIGXFSZ'), reason: 'ended: it reached its limit on the size of files (processes.limits.fileBytes)' });
  expect(withReachedLimit(end('SIGKILL'), { reached: () => 'its memory limit of 1 MiB' })).toEqual({ ...end('SIGKILL'), reason: 'ended: it reached its memory limit of 1 MiB' });
});

test('and no limit if none is known', () => {
  expect(withReachedLimit(end('SIGSEGV'), undefined)).toBeUndefined();
  expect(withReachedLimit(end(null), { reached: () => undefined })).toBeUndefined();
});
