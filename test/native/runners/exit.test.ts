/** Node ends a runner's thread when the process exits. In the middle of native code, or of koffi, that would abort the process. */
import { describe, expect, test } from '@jest/globals';
import { runChild } from '../../support/child.js';

const RUNS = 8;
const ENDINGS: readonly (readonly [how: string, ending: string, code: number])[] = [
  ['process.exit', 'process.exit(5);', 5],
  ['an uncaught exception', "setImmediate(() => { throw new Error('uncaught'); });", 1],
  ['a natural exit', 'stop = true; process.exitCode = 7;', 7],
];

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

const blocked = (ending: string): string => `
  let stop = false;
  const host = await openHost(['good-c']);
  await pause(150);
  void host.tool('block').call({ ms: 600_000 }).catch(() => undefined);
  await pause(20);
  ${ending}`;

describe.each(ENDINGS)(`%s, ${RUNS} runs each`, (how, ending, code) => {
  test.each([
    ['with runners in calls and starting', (run: number) => busy(ending, run * 15)],
    ['with a runner asleep', () => asleep(ending)],
  ])('%s', async (_name, scriptOf) => {
    for (let run = 0; run < RUNS; run++) {
      expect(await runChild(scriptOf(run))).toMatchObject({ code, signal: null });
    }
  });

  // A natural exit waits for the call.
  (how === 'process.exit' ? test : test.skip)('with a runner in a call that does not return', async () => {
    for (let run = 0; run < RUNS; run++) expect(await runChild(blocked(ending))).toMatchObject({ code, signal: null });
  });
});
