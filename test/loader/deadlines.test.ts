/** create may hang; the loader does not. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { answerOf, inWorker } from '../support/child.js';
import { temporaryFolder } from '../support/fixtures.js';
import { errorOf, loadFixture } from '../support/host.js';

test('a create that does not return is a typed error at its deadline', async () => {
  const error = await errorOf(loadFixture('create-hangs', { timeouts: { create: 50 } }));
  expect(error).toMatchObject({
    code: 'ERR_CREATE_FAILED',
    pluginId: 'create-hangs',
    step: 'create',
    symbol: 'aisopod_plugin_create',
    reason: 'did not return within 50 ms and is still running',
  });
  expect(error.hint).not.toBe('');
});

test('meanwhile other plugins are loaded and called', async () => {
  const script = `
  const loader = new aisopod.DynamicPluginLoader({ pluginDirs: [fixtures], hostVersion: '1.0.0', timeouts: { create: 600_000 } });
  const hanging = await fixture('create-hangs');
  let ended = false;
  loader.loadPlugin(hanging).catch(() => undefined).then(() => (ended = true));
  const host = await openHost(['good-c']);
  const answer = await host.tool('echo').call({ still: 'here' });
  console.log(JSON.stringify({ answer, ended }));
  process.exit();`;
  const env = { AISOPOD_FIXTURE_HANG_MS: '120000' };
  expect(await answerOf(script, { env })).toEqual({ answer: { still: 'here' }, ended: false });
});

test('a plugin that was refused because every thread was busy is not entered afterwards (a host in a Worker has few threads)', async () => {
  const log = path.join(temporaryFolder(), 'entered');
  const script = inWorker(`
  const host = await openHost(['good-c']);
  const busy = Array.from({ length: 3 }, () => host.tool('block').call({ ms: 5000 }));
  const loader = new aisopod.DynamicPluginLoader({ pluginDirs: [fixtures], hostVersion: '1.0.0', timeouts: { create: 50 } });
  const error = await loader.loadPlugin(await fixture('call-log')).catch((reason) => reason);
  await Promise.all(busy);
  await pause(100); // time to enter it, wrongly
  console.log(JSON.stringify(error));`);
  const error = await answerOf(script, { env: { AISOPOD_FIXTURE_LOG: log, UV_THREADPOOL_SIZE: '4' } });
  expect(error).toMatchObject({ code: 'ERR_CREATE_FAILED', reason: 'was not started within 50 ms: all threads are busy', hint: expect.stringContaining('The plugin was not called') });
  expect(readFileSync(log, 'utf8')).toBe('constructor\n');
});
