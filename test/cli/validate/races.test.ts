/** Which reports of ThreadSanitizer count. test/cli/validate/sanitize.test.ts has real ones, with functions and lines. */
import { expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { racesIn } from '../../../src/cli/validate/races.js';
import { temporaryFolder } from '../../support/fixtures.js';

// Without names, as with symbolize=0.
const IN_PLUGIN = '    #0 <null> <null> (libsample.so+0x1130)\n    #1 <null> <null> (koffi.node+0x2a3b)';
const IN_SYSTEM = '    #0 memcpy <null> (libtsan.so.2+0x4c98f)\n    #1 <null> <null> (libstdc++.so.6+0x14f0a1)\n    #2 <null> <null> (libsample.so+0x1200)';
const IN_NODE = '    #0 operator delete(void*, unsigned long) <null> (libtsan.so.2+0x86c3d)\n    #1 <null> <null> (node+0x1d5aa65)\n    #2 <null> <null> (libsample.so+0x1145)';
const LOST = '    [failed to restore the stack]';

/** It has no debug information, and is not even there. */
const LIBRARIES = new Map([['libsample.so', '/nowhere/libsample.so']]);

const report = (first: string, second: string): string => `==================
WARNING: ThreadSanitizer: data race (pid=7)
  Write of size 4 at 0x7f0a by thread T9:
${first}

  Previous read of size 4 at 0x7f0a by thread T8:
${second}

  Location is global 'calls' of size 4 at 0x7f0a (libsample.so+0x4040)

  Thread T9 'libuv-worker' (tid=9, running) created by main thread at:
    #0 pthread_create ../../tsan_interceptors_posix.cpp:1001 (libtsan.so.2.0.0+0x5e686)
    #1 <null> <null> (node+0x18baa4b)

SUMMARY: ThreadSanitizer: data race /home/me/plugin.c:4 in count
==================
`;

const INVERSION = `==================
WARNING: ThreadSanitizer: lock-order-inversion (potential deadlock) (pid=7)
  Cycle in lock order graph: M1 (0x7b) => M2 (0x7c) => M1

  Mutex M2 acquired here while holding mutex M1 in thread T1:
    #0 pthread_mutex_lock ../../tsan_interceptors_posix.cpp:1324 (libtsan.so.2.0.0+0x5a3c2)
    #1 <null> <null> (libsample.so+0x1130)

    Hint: use TSAN_OPTIONS=second_deadlock_stack=1 to get more informative warning message

  Mutex M1 acquired here while holding mutex M2 in thread T2:
    #0 pthread_mutex_lock ../../tsan_interceptors_posix.cpp:1324 (libtsan.so.2.0.0+0x5a3c2)
    #1 <null> <null> (libsample.so+0x1150)

SUMMARY: ThreadSanitizer: lock-order-inversion (potential deadlock) /home/me/plugin.c:20 in forwards
==================
`;

async function messagesOf(...texts: string[]): Promise<string[]> {
  const log = path.join(temporaryFolder(), 'races');
  for (const [index, text] of texts.entries()) writeFileSync(`${log}.${index + 1}`, text);
  return (await racesIn(log, LIBRARIES)).map(({ message }) => message);
}

test('a report counts if every access is by the plugin, or by what it calls', async () => {
  expect(await messagesOf(report(IN_PLUGIN, IN_PLUGIN))).toEqual(['A sanitizer found: data race, in libsample.so+0x1130.']);
  expect(await messagesOf(report(IN_PLUGIN, IN_SYSTEM))).toEqual(['A sanitizer found: data race, in libsample.so+0x1130 and libsample.so+0x1200.']);
});

test('a report does not count if an access is by Node, also below the plugin, or is not known', async () => {
  expect(await messagesOf(report(IN_NODE, IN_PLUGIN), report(IN_PLUGIN, IN_NODE), report(IN_PLUGIN, LOST), 'nothing')).toEqual([]);
});

test('locks that are taken in both orders are found', async () => {
  expect(await messagesOf(INVERSION)).toEqual(['A sanitizer found: lock-order-inversion (potential deadlock), in libsample.so+0x1130 and libsample.so+0x1150.']);
});

test('a race is reported once, with the frames of the plugin, from whichever process', async () => {
  const log = path.join(temporaryFolder(), 'races');
  for (const process of [1, 2]) writeFileSync(`${log}.${process}`, report(IN_PLUGIN, IN_PLUGIN).repeat(2));
  const [found, ...more] = await racesIn(log, LIBRARIES);
  expect(more).toEqual([]);
  expect(found?.details).toContain('Previous read of size 4');
  expect(found?.details).not.toMatch(/koffi\.node|node\+|SUMMARY/);
  expect(await racesIn(path.join(temporaryFolder(), 'none'), LIBRARIES)).toEqual([]);
});
