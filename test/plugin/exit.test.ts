/** However the process ends, no thread of a plugin's takes it down with a signal or keeps it from ending. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runChild } from '../support/child.js';
import { temporaryFolder } from '../support/fixtures.js';
import { thorough } from '../support/thorough.js';

const RUNS = thorough(10, 4);

/** Threads that break rule 10: they call log, emit and complete without end, and shutdown joins none of them. */
const LATE_THREADS = `
  const host = await openHost(['rule-breaker']);
  for (let i = 0; i < 8; i++) await host.tool('late_thread').call({ ms: 0 });
  await pause(10);`;

async function endsOf(script: string): Promise<unknown[]> {
  const ends: unknown[] = [];
  const oneAfterTheOther = async (): Promise<void> => {
    for (let run = 0; run < RUNS / 2; run++) {
      const { code, signal } = await runChild(script);
      ends.push(signal ?? code);
    }
  };
  await Promise.all([oneAfterTheOther(), oneAfterTheOther()]);
  return ends;
}

const all = (end: number): number[] => Array.from({ length: RUNS }, () => end);

describe(`threads that call the host for ever, ${RUNS} runs each`, () => {
  test.each([
    ['Node exits by itself', '', 0],
    ['Node exits by itself with an exit code', 'process.exitCode = 7;', 7],
    ['Node exits by itself, after shutdown', 'await host.registry.shutdownAll(); await pause(20);', 0],
    ['process.exit', 'process.exit(3);', 3],
    ['process.exit during shutdown', 'void host.registry.shutdownAll(); process.exit(3);', 3],
    ['an uncaught exception', "setImmediate(() => { throw new Error('uncaught'); });", 1],
    ['an unhandled rejection', "void Promise.reject(new Error('unhandled'));", 1],
  ])('%s', async (_name, ending, code) => {
    expect(await endsOf(LATE_THREADS + ending)).toEqual(all(code));
  });
});

describe('a worker that is inside a host function, and waits for an event loop that turns no more', () => {
  const INSIDE = `
  const host = await openHost(['rule-breaker']);
  host.tool('flood').call({ count: 1e9 }).catch(() => undefined);
  await pause(20);`;

  test('process.exit ends the process, with its code, after all exit listeners', async () => {
    const listener = "process.on('exit', (code) => console.log('exit', code)); process.exit(3);";
    expect(await runChild(INSIDE + listener)).toMatchObject({ code: 3, signal: null, stdout: 'exit 3\n' });
  });

  test('an uncaught exception is told, and ends the process', async () => {
    const end = await runChild(`${INSIDE} setImmediate(() => { throw new Error('uncaught'); });`);
    expect(end.stderr).toContain('Error: uncaught');
    expect(end.signal).not.toBe('SIGKILL');
  });
});

test('process.exit does not wait for native code that does not come back', async () => {
  const script = `
  const host = await openHost(['good-c']);
  host.tool('block').call({ ms: 600_000 }).catch(() => undefined);
  await pause(50);
  process.exit(3);`;
  expect(await runChild(script)).toMatchObject({ code: 3, signal: null });
});

test('exit listeners run, and a natural exit keeps its exit code', async () => {
  const script = `
  await openHost(['good-c']);
  process.on('beforeExit', () => console.log('beforeExit'));
  process.on('exit', (code) => console.log('exit', code));
  process.exitCode = 4;`;
  const { code, stdout } = await runChild(script);
  expect(code).toBe(4);
  expect(stdout).toMatch(/^(beforeExit\n)+exit 4\n$/);
});

test('at a natural exit an active plugin is shut down, after its last answer', async () => {
  const log = path.join(temporaryFolder(), 'calls');
  const script = `
  const host = await openHost(['call-log', 'good-c']);
  host.tool('pending').call({ ms: 50 }).then((answer) => console.log(JSON.stringify(answer)));`;
  expect(await runChild(script, { env: { AISOPOD_FIXTURE_LOG: log } })).toMatchObject({ code: 0, stdout: '{"ok":true}\n' });
  expect(readFileSync(log, 'utf8')).toMatch(/init\nshutdown\ndestroy\n$/);
});
