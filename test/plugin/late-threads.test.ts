/** What a plugin's own threads are told once their invocation, or their plugin, is over. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { Status } from '../../src/abi/status.js';
import { answerOf } from '../support/child.js';
import { temporaryFolder } from '../support/fixtures.js';

const { OK, STALE, CLOSED } = Status;

/** Runs a script on the rule breaker; returns the lines that its threads left. */
async function linesOf(script: string): Promise<string[]> {
  const log = path.join(temporaryFolder(), 'lines');
  const whole = `
  const { existsSync, readFileSync } = require('node:fs');
  const written = () => (existsSync(process.env.AISOPOD_FIXTURE_LOG) ? readFileSync(process.env.AISOPOD_FIXTURE_LOG, 'utf8') : '');
  const host = await openHost(['rule-breaker']);
  ${script}
  while (!written().endsWith('\\n')) await pause(5);
  console.log('1');
  process.exit();`;
  await answerOf(whole, { env: { AISOPOD_FIXTURE_LOG: log } });
  return readFileSync(log, 'utf8').trim().split('\n');
}

test('a thread that goes on after its invocation was answered is told STALE, and may still log', async () => {
  const lines = await linesOf(`await host.tool('late_thread').call({ until_minus: ${-STALE} });`);
  expect(lines).toEqual([`late_thread log ${OK} emit ${STALE} complete ${STALE}`]);
});

test('after shutdown it is told CLOSED by every function', async () => {
  const lines = await linesOf(`await host.tool('late_thread').call({ until_minus: ${-CLOSED} }); await host.registry.shutdownAll();`);
  expect(lines).toEqual([`late_thread log ${CLOSED} emit ${CLOSED} complete ${CLOSED}`]);
});

test('a chunk that comes after shutdown is told CLOSED', async () => {
  const lines = await linesOf("await host.tool('chunk_after_shutdown').call({}); await host.registry.shutdownAll();");
  expect(lines).toEqual([`chunk_after_shutdown ${CLOSED}`]);
});

test('twenty threads that call through shutdowns and loads of the same library do no harm', async () => {
  const script = `
  let host = await openHost(['rule-breaker']);
  for (let round = 0; round < 20; round++) {
    await host.tool('late_thread').call({ ms: 300 });
    await host.registry.shutdownAll();
    host = await openHost(['rule-breaker']);
  }
  const answer = await host.tool('unknown_context').call({});
  console.log(JSON.stringify(answer));
  process.exit();`;
  expect(await answerOf(script)).toEqual({ status: CLOSED, emit: CLOSED, complete: CLOSED, call: CLOSED });
});
