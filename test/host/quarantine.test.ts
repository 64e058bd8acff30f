/** What a host remembers of crashes, and when. */
import { describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Quarantine } from '../../src/quarantine/index.js';
import { filesOf } from '../quarantine/state.js';
import { answerOf, runChild } from '../support/child.js';
import { crashedBy } from '../support/crash.js';
import { folderOf, temporaryFolder } from '../support/fixtures.js';
import { until } from '../support/host.js';
import { keepingLogger, open, plain } from './host.js';

const newState = (): string => path.join(temporaryFolder(), 'state');

describe('a host that ends itself when it is told of the last crash leaves the plugin in quarantine', () => {
  const exit = '() => process.exit(9)';
  test.each([
    ['by onGiveUp', `{ processes: { restart, onGiveUp: ${exit} } }`],
    ['by onCrash', `{ processes: { restart, onCrash: ${exit} } }`],
    ['by the state', `{ processes: { restart }, onState: ({ state }) => { if (state === 'quarantined') process.exit(9); } }`],
  ])('%s', async (_by, options) => {
    const stateDir = newState();
    const pluginDirs = [folderOf('crasher')];
    const { code } = await runChild(`
      const restart = { most: 0 };
      const folders = { pluginDirs: ${JSON.stringify(pluginDirs)}, stateDir: ${JSON.stringify(stateDir)}, dataDir: ${JSON.stringify(temporaryFolder())} };
      const host = await aisopod.PluginHost.open({ hostVersion: '1.0.0', ...folders, ...${options} });
      await host.find('tool', 'worker').call({ fault: 'abort' }).catch(() => pause(5000));
    `);
    expect(code).toBe(9);
    const next = await open({ pluginDirs, stateDir, isolation: 'process' });
    expect(next.explain('crasher')).toMatchObject({ state: 'refused', code: 'ERR_QUARANTINED' });
  });
});

test('each crash that counted is remembered, with its own time and words', async () => {
  const stateDir = newState();
  const host = await open({ pluginDirs: [folderOf('crasher')], stateDir, isolation: 'process', processes: { restart: { firstPauseMs: 1, most: 2 } } });
  for (const fault of ['abort', 'exit', 'segv']) {
    await until(() => host.explain('crasher')?.state === 'active');
    await host.find('tool', 'worker')?.call({ fault }).catch(() => undefined);
  }
  await until(() => host.explain('crasher')?.state === 'quarantined');
  const [entry] = await new Quarantine({ stateDir }).list();
  expect(entry).toMatchObject({ pluginId: 'crasher', count: 3, ...crashedBy('SIGSEGV'), during: 'tool worker' });
  expect(entry?.last).toBeGreaterThan(entry?.first ?? Infinity);
});

test('probation without quarantine: what a child does not survive is not loaded, and remembered nowhere', async () => {
  const stateDir = newState();
  const options = { pluginDirs: [folderOf('crasher', 'good-cpp')], stateDir, isolation: 'in-process', probation: true, quarantine: false } as const;
  const processes = { env: { AISOPOD_FIXTURE_FAULT: 'init:segv' } };
  for (const host of [await open({ ...options, processes }), await open({ ...options, processes })]) {
    expect(host.explain('crasher')).toMatchObject({ state: 'refused', code: 'ERR_LIFECYCLE_CRASHED', step: 'init' });
    expect(host.explain('good-cpp')?.state).toBe('active');
  }
  expect([filesOf(stateDir, 'quarantine'), filesOf(stateDir, 'in-process')]).toEqual([[], []]);
  expect(filesOf(stateDir, 'probation')).toHaveLength(1);
});

test('probation without a temporary folder refuses the plugin with what to do', async () => {
  const missing = path.join(temporaryFolder(), 'missing');
  const options = { hostVersion: '1.0.0', isolation: 'in-process', probation: true, pluginDirs: [folderOf('good-c')], stateDir: newState(), dataDir: temporaryFolder() };
  const script = `
    const host = await aisopod.PluginHost.open(${JSON.stringify(options)});
    console.log(JSON.stringify(host.explain('good-c')));
    await host.close();`;
  const report = await answerOf(script, { env: { TMPDIR: missing, TEMP: missing, TMP: missing } });
  expect(report).toMatchObject({ state: 'refused', code: 'ERR_IO', step: 'trust' });
  expect(report).toMatchObject({
    message: expect.stringMatching(/^plugin good-c: cannot make a temporary folder for probation: ENOENT/),
    hint: expect.stringMatching(/^Check that the parent folder exists.*, or set (TMPDIR|TEMP) to another folder\.$/),
  });
});

test('without quarantine a plugin is started again all the same', async () => {
  const host = await open({ pluginDirs: [folderOf('crasher')], isolation: 'process', probation: true, quarantine: false, processes: { restart: { firstPauseMs: 1 } } });
  await host.find('tool', 'worker')?.call({ fault: 'abort' }).catch(() => undefined);
  await until(() => host.explain('crasher')?.state !== 'restarting');
  expect(host.explain('crasher')).toMatchObject({ state: 'active' });
});

test('a state folder that cannot be read refuses each plugin with what to do, and is one error in the log', async () => {
  const stateDir = newState();
  writeFileSync(stateDir, 'no folder');
  const { logger, lines } = keepingLogger();
  const host = await open({ pluginDirs: [folderOf('good-c', 'good-cpp')], plugins: [plain('own')], stateDir, logger });
  const hint = `${stateDir} is not a folder: move it, or set stateDir to a folder that only this user owns.`;
  for (const id of ['good-c', 'good-cpp']) expect(host.explain(id)).toMatchObject({ state: 'refused', code: 'ERR_STATE_FOLDER', hint });
  expect(host.explain('good-c')?.message).toMatch(/^plugin good-c: cannot read which plugins are in quarantine: /);
  expect(host.explain('own')?.state).toBe('active');
  const errors = lines.filter(({ level }) => level === 'error');
  expect(errors).toMatchObject([{ message: expect.stringMatching(/^every plugin is refused: cannot read which plugins are in quarantine: /), fields: { hint } }]);
});

test.each([
  ['after a crash', 5],
  ['in quarantine', 0],
])('a plugin that is disabled %s reports no failure', async (_when, most) => {
  const host = await open({ pluginDirs: [folderOf('crasher')], stateDir: newState(), isolation: 'process', processes: { restart: { firstPauseMs: 1, most } } });
  await host.find('tool', 'worker')?.call({ fault: 'abort' }).catch(() => undefined);
  await until(() => host.explain('crasher')?.state === (most === 0 ? 'quarantined' : 'active'));
  await host.disable('crasher');
  expect(host.explain('crasher')).toMatchObject({ state: 'disabled' });
  expect(host.explain('crasher')).not.toHaveProperty('code');
  expect(host.explain('crasher')).not.toHaveProperty('hint');
});
