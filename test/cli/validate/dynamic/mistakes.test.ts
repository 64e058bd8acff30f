import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { CHECKS } from '../../../../src/cli/validate/checks.js';
import { DYNAMIC_CHECKS } from '../../../../src/cli/validate/dynamic/index.js';
import { heapBytes } from '../../../../src/library/heap-bytes.js';
import { isWine, isZig, projectRoot, testWhere } from '../../../support/fixtures.js';
import { found, mistake } from './validation.js';

const isLinux = process.platform === 'linux';
const isWindows = process.platform === 'win32';

/** How the process of a check ends, where the mistake is a crash. */
const CRASH = /SIGSEGV|SIGBUS|exit code 3221225477|0xC0000005/i;
const ABORT = /SIGABRT|exit code 3/i;

/** Each mistake of native-fixtures/mistakes, the check that is meant for it, and what that says. */
const MISTAKES: readonly (readonly [name: string, check: string, message: RegExp])[] = [
  ['aborts-if-complete-fails', 'complete-refused', ABORT],
  ['aborts-if-log-fails', 'log-refused', ABORT],
  ['aborts-if-refused', 'refused-registration', ABORT],
  ['answer-kept', 'reply-kept', CRASH],
  ['answer-not-json', 'json-answers', /not JSON: "done"/],
  ['answer-too-large', 'lent-4096-bytes', CRASH],
  ['any-method', 'unknown-method', /provider mistake, no-such-method returned OK/],
  ['buffer-kept', 'reply-kept-after-return', CRASH],
  ['call-without-on-reply', 'valid-calls', /NULL as on_reply/],
  ['cancel-ignored', 'stops-when-cancelled', /did not return within 10 s after it was cancelled/],
  ['capability-struct-too-large', 'struct-too-large', /aisopod_capability: a size of 72/],
  ['channel-ends', 'channel-start', /expected PENDING/],
  ['chunk-not-json', 'valid-chunks', /not JSON: "half"/],
  ['completed-and-returned', 'completed-and-returned', /after complete had been called/],
  ['completed-twice', 'completed-twice', /complete was called again/],
  ['completed-without-status', 'valid-completions', /the status 0/],
  ['config-by-strlen', 'config-without-nul', CRASH],
  ['config-kept', 'init-kept-after-return', CRASH],
  ['descriptors-left', 'descriptors-closed', /2 descriptors/],
  ['early-reply-not-expected', 'early-reply', ABORT],
  ['emits-until-accepted', 'no-room-for-chunks', /does not come to an end while there is no room/],
  ['emitted-after-complete', 'emit-after-complete', /emit was called after/],
  ['empty-input-read', 'empty-input', CRASH],
  ['every-extension', 'unknown-extension', /returns a struct for/],
  ['exact-size-required', 'future-structs', /unknown version of aisopod_init/],
  ['failed-call-not-expected', 'failed-call', ABORT],
  ['folder-changed', 'process-unchanged', /has changed the working folder from .* to \//],
  ['format-not-expected', 'bytes-input', ABORT],
  ['init-fails', 'starts-and-stops', /init returned FAILED: there is no licence/],
  ['inline-blocks', 'inline-blocks', /blocked for more than 1000 ms/],
  ['inline-waits', 'inline-on-main', /did not return within 15000 ms/],
  ['input-by-strlen', 'input-without-nul', CRASH],
  ['input-copied-to-stack', 'huge-input', CRASH],
  ['input-overwritten', 'read-only-input', CRASH],
  ['length-beyond-buffer', 'valid-replies', /the buffer has 65536 bytes/],
  ['loaded-once', 'loads-again', /another copy is active/],
  ['log-flooded', 'few-logs', /1500 lines in 1 calls/],
  ['memory-lost', 'memory-grows', /each 150 calls leave 1\d{3} KiB more allocated/],
  ['never-completed', 'stops-when-cancelled', /did not complete/],
  ['no-message', 'failure-messages', /failed with FAILED and no message/],
  ['no-status', 'known-statuses', /returned 0/],
  ['not-reconfigured', 'reconfigures', /reconfigure returned STATE/],
  ['not-thread-safe', 'calls-at-once', ABORT],
  ['nothing-registered', 'registers-all', /does not register: mistake/],
  ['one-thread-assumed', 'calls-on-any-thread', ABORT],
  ['output-misfit', 'output-schema', /bytes/],
  ['owned-shared', 'owned-until-release', /has changed before it was released/],
  ['plain-folders-only', 'unusual-data-folder', /no such folder/],
  ['plugin-struct-too-large', 'struct-too-large', /aisopod_plugin: a size of 80/],
  ['recursive-parser', 'deep-input', CRASH],
  ['registered-by-chance', 'registers-the-same', /registers something else/],
  ['request-kept', 'request-kept-after-return', CRASH],
  ['request-read-beyond', 'exact-structs', CRASH],
  ['reserved-used', 'reserved-not-zero', /aisopod_capability.reserved is 3435973836/],
  ['signal-handler', 'process-unchanged', /handler of signal/],
  ['size-forgotten', 'valid-structs', /aisopod_chunk, size: expected/],
  ['slow-release', 'release-blocks', /release blocked for more than 1000 ms/],
  ['stays-cancelled', 'used-after-cancel', /fails after an earlier call was cancelled/],
  ['syntax-not-checked', 'input-not-json', ABORT],
  ['threads-not-joined', 'threads-not-joined', /still run/],
  ['type-not-checked', 'wrong-types', ABORT],
  ['undeclared-tool', 'valid-registration', /tool undeclared is not in the manifest/],
  ['unknown-invocation', 'known-invocations', /an invocation 7/],
  ['unknown-log-level', 'valid-logs', /the level 99/],
  ['wrong-kind-of-answer', 'answers-of-kinds', /expected \{"exitCode"/],
];

test('there are at least 35 checks that run the plugin', () => {
  expect(DYNAMIC_CHECKS.length).toBeGreaterThanOrEqual(35);
});

test('every mistake that is built has its check', () => {
  const built = readdirSync(path.join(projectRoot, 'build/mistakes')).filter((name) => existsSync(path.join(mistake(name), 'aisopod.plugin.toml')));
  expect(built.sort()).toEqual(MISTAKES.map(([name]) => name).sort());
});

test('"What went wrong?" in docs/plugins.md names the check of every mistake, and only checks that exist', () => {
  const [, list = ''] = readFileSync(path.join(projectRoot, 'docs/plugins.md'), 'utf8').split('## What went wrong?');
  const named = [...list.matchAll(/\(validate\.md#([\w-]+)\)/g)].map(([, id = '']) => id);
  expect(MISTAKES.map(([, check]) => check).filter((id) => !named.includes(id))).toEqual([]);
  const ids = CHECKS.map(({ id }) => id);
  expect(named.filter((id) => !ids.includes(id))).toEqual([]);
});

describe('a mistake is found by the check that is meant for it', () => {
  const lacks: Readonly<Record<string, string | undefined>> = {
    'memory-lost': heapBytes() === undefined ? 'this system does not say how much memory is allocated' : undefined,
    'descriptors-left': isLinux ? undefined : 'this system does not list the descriptors of a process',
    'threads-not-joined': isLinux ? undefined : 'this system does not list the threads of a process',
    'folder-changed': isWindows ? 'this mistake is written for POSIX' : undefined,
    'signal-handler': isWindows ? 'this mistake is written for POSIX' : undefined,
    'recursive-parser': isWine ? 'wine: a stack overflow ends the thread alone' : isZig ? 'Zig: it makes a loop of the recursion' : undefined,
  };
  for (const [name, check, message] of MISTAKES) {
    testWhere(lacks[name] === undefined, lacks[name] ?? '')(`${name}: ${check}`, async () => {
      // What hangs is to hang for as long as an honest plugin takes to start on a busy machine.
      const result = await found(mistake(name), { only: [check], timeoutMs: check === 'inline-on-main' ? 15_000 : 60_000 });
      expect(Object.keys(result)).toEqual([check]);
      expect(result[check]?.join('\n')).toMatch(/^(?:error|warning): /);
      expect(result[check]?.join('\n')).toMatch(message);
    });
  }
});

test('the same seed sends the same inputs in the same order; another seed sends others', async () => {
  const last = async (seed: number): Promise<string> => (await found(mistake('syntax-not-checked'), { only: ['mutated-input'], seed }))['mutated-input']?.join('\n') ?? '';
  const [first, again, other] = [await last(7), await last(7), await last(8)];
  expect(first).toMatch(ABORT);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});
