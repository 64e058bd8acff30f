/** A host that uses koffi itself, before or beside this package. */
import { expect, test } from '@jest/globals';
import { answerOf } from '../support/child.js';

const USE = `
  const lines = [];
  const logger = { debug() {}, info() {}, warn: (line) => lines.push(line), error: (line) => lines.push(line) };
  const host = await openHost(['good-c'], { logger });
  const crowd = await openHost(['rule-breaker'], { logger });
  const answers = [await host.tool('echo').call({ a: 1 }), await host.tool('pending').call({ ms: 1 })];
  const { logged } = await crowd.tool('many_threads').call({ threads: 100 });
  console.log(JSON.stringify({ lines, answers, logged }));`;

test.each([[], ['--abort-on-uncaught-exception']])('one that loaded a library first gets a warning that says what to do, and plugins all the same %s', async (...more) => {
  const script = `import { createRequire } from 'node:module'; createRequire(process.cwd() + '/')('koffi').load(null);`;
  const flags = ['--import', `data:text/javascript,${encodeURIComponent(script)}`, ...more];
  const answer = (await answerOf(USE, { flags })) as { lines: string[]; answers: unknown; logged: number };
  expect(answer.lines[0]).toMatch(/koffi was in use before aisopod-plugin .*131072 bytes of stack.*import aisopod-plugin first/);
  expect(answer.answers).toEqual([{ a: 1 }, { ok: true }]);
  expect(answer.logged).toBe(100);
});

test('one that loads it afterwards gets none', async () => {
  const script = `${USE} require('koffi').load(null);`;
  expect(await answerOf(script)).toEqual({ lines: [], answers: [{ a: 1 }, { ok: true }], logged: 100 });
});
