/** Node ends a runner's thread when the process exits. In the middle of native code, or of koffi, that would abort the process. */
import { describe, expect, test } from '@jest/globals';
import { runChild } from '../../support/child.js';
import { testWhere } from '../../support/fixtures.js';
import { thorough } from '../../support/thorough.js';

const RUNS = thorough(200, 4);
const EXIT = 'process.exit(5);';
const ended = (code: number) => ({ code, signal: null });
/** Node waits for libuv's threads after an uncaught exception. The package's alarm ends a process that waits too long. */
const BY_ALARM = { code: null, signal: 'SIGALRM' };

const UNCAUGHT = "setImmediate(() => { throw new Error('uncaught'); });";

const ENDINGS: readonly (readonly [how: string, ending: string, code: number])[] = [
  ['process.exit', EXIT, 5],
  ['an uncaught exception', UNCAUGHT, 1],
  ['a natural exit', 'stop = true; process.exitCode = 7;', 7],
];

async function endOf(script: string) {
  const { code, signal } = await runChild(script);
  return { code, signal };
}

/** Eight calls in flight at any time, from the first moment; after a while that differs from run to run, the end. */
const busy = (ending: string, ms: number): string => `
  let stop = false;
  const host = await openHost(['inside-count-safe', 'good-c']);
  const again = () => (stop ? undefined : host.tool('echo').call({ a: 1 }).then(again, () => undefined));
  for (let i = 0; i < 8; i++) void again();
  void host.tool('stay').call({ ms: 1 });
  setTimeout(() => { ${ending} }, ${ms});`;

const asleep = (ending: string): string => `
  let stop = false;
  const host = await openHost(['good-c']);
  await pause(150);
  await host.tool('echo').call({ a: 1 });
  await pause(20);
  ${ending}`;

/** Calls that wait for the first runner to start. */
const answered = `
  const host = await openHost(['good-c']);
  await Promise.all(Array.from({ length: 60 }, (_, i) => host.tool('echo').call({ pad: 'p'.repeat(5000 + i * 997) })));`;

const blocked = (ending: string): string => `
  let stop = false;
  const host = await openHost(['good-c']);
  await pause(150);
  void host.tool('block').call({ ms: 600_000 }).catch(() => undefined);
  await pause(20);
  ${ending}`;

describe.each(ENDINGS)(`%s, ${RUNS} runs each`, (_how, ending, code) => {
  test('with runners in calls and starting', async () => {
    const ends = ending === UNCAUGHT ? [ended(code), BY_ALARM] : [ended(code)];
    for (let run = 0; run < RUNS; run++) expect(ends).toContainEqual(await endOf(busy(ending, run * 15)));
  });

  test('with a runner asleep', async () => {
    for (let run = 0; run < RUNS; run++) expect(await endOf(asleep(ending))).toEqual(ended(code));
  });
});

test(`a process ends by itself once its first calls are answered, ${RUNS} runs`, async () => {
  for (let run = 0; run < RUNS; run++) expect(await endOf(answered)).toEqual(ended(0));
});

testWhere(process.platform !== 'win32', 'Windows has no signals')('an uncaught exception beside a call that does not return, after a plugin has ignored SIGALRM', async () => {
  const ignore = "require('koffi').load(null).func('signal', 'intptr_t', ['int', 'intptr_t'])(14, 1);";
  expect(await endOf(blocked(`${ignore} ${UNCAUGHT}`))).toEqual(BY_ALARM);
});

// A natural exit waits for the call.
test(`process.exit, ${RUNS} runs with a runner in a call that does not return`, async () => {
  for (let run = 0; run < RUNS; run++) expect(await endOf(blocked(EXIT))).toEqual(ended(5));
});
