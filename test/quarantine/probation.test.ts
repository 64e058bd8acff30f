import { describe, expect, test } from '@jest/globals';
import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LifecycleError, LoadError } from '../../src/errors/index.js';
import { trialRun } from '../../src/isolation/proxy/trial-run.js';
import { Probation, Quarantine, type TrialRun } from '../../src/quarantine/index.js';
import { MANIFEST_FILENAME, readManifest } from '../../src/manifest/index.js';
import type { Candidate } from '../../src/scan/index.js';
import { crashedBy } from '../support/crash.js';
import { fixtureDir, projectRoot, temporaryFolder } from '../support/fixtures.js';
import { errorOf } from '../support/host.js';
import { makePlugin } from '../trust/plugin.js';
import { KEY, OTHER_KEY, filesOf } from './state.js';

/** A probation whose children live as `live` says; `lives` counts them. */
function probationWith(live: TrialRun, stateDir = temporaryFolder()) {
  const counted = { lives: 0 };
  const quarantine = new Quarantine({ stateDir });
  const probation = new Probation({
    stateDir,
    quarantine,
    live: async (candidate) => {
      counted.lives++;
      await live(candidate);
    },
  });
  return { probation, quarantine, counted, stateDir };
}

const survive: TrialRun = () => Promise.resolve();
const CRASHED = new LifecycleError('ERR_LIFECYCLE_CRASHED', { operation: 'init', signal: 'SIGSEGV', exitCode: null, reason: 'was killed by SIGSEGV' });

describe('what a child survives', () => {
  test('is loaded, and remembered by its bytes: also by hosts that start later', async () => {
    const candidate = await makePlugin(temporaryFolder());
    const { probation, counted, stateDir } = probationWith(survive);
    await probation.pass(KEY, candidate);
    await probation.pass(KEY, candidate);
    expect(counted.lives).toBe(1);
    const later = probationWith(() => Promise.reject(CRASHED), stateDir);
    await later.probation.pass(KEY, candidate);
    expect(later.counted.lives).toBe(0);
    expect(await errorOf(later.probation.pass(OTHER_KEY, candidate))).toBe(CRASHED);
  });

  test('includes a refusal in order: the plugin was there, and harmed nobody', async () => {
    const candidate = await makePlugin(temporaryFolder());
    const { probation, quarantine } = probationWith(() => Promise.reject(new LifecycleError('ERR_INIT_FAILED', { status: 'FAILED', reason: 'no token' })));
    await probation.pass(KEY, candidate);
    expect(await quarantine.list()).toEqual([]);
  });

  test('is not believed of a damaged file', async () => {
    const candidate = await makePlugin(temporaryFolder());
    const { probation, counted, stateDir } = probationWith(survive);
    await probation.pass(KEY, candidate);
    writeFileSync(path.join(stateDir, 'probation', `${KEY}.json`), '{"pluginId":"weather"}');
    await probation.pass(KEY, candidate);
    expect(counted.lives).toBe(2);
  });
});

describe('what a child does not survive', () => {
  test.each([
    ['a crash', CRASHED, { signal: 'SIGSEGV', reason: 'was killed by SIGSEGV' }],
    ['a hang', new LifecycleError('ERR_LIFECYCLE_TIMEOUT', { operation: 'init', timeoutMs: 9, stillRunning: false }), { signal: null, reason: 'did not return within 9 ms' }],
  ])('goes into quarantine: %s', async (_, error, expected) => {
    const candidate = await makePlugin(temporaryFolder());
    const { probation, quarantine, stateDir } = probationWith(() => Promise.reject(error));
    expect(await errorOf(probation.pass(KEY, candidate))).toBe(error);
    expect(await quarantine.check(KEY)).toMatchObject({ ...expected, pluginId: 'weather', path: candidate.path, during: 'init', count: 1 });
    expect(filesOf(stateDir, 'probation')).toEqual([]);
  });

  test('goes into quarantine: a hang while it is loaded', async () => {
    const candidate = await crasher();
    const { probation, quarantine } = probationWith(liveWith('create:sleep', { create: 500 }));
    expect(await errorOf(probation.pass(KEY, candidate))).toMatchObject({ code: 'ERR_CREATE_FAILED', timeoutMs: 500 });
    expect(await quarantine.check(KEY)).toMatchObject({ pluginId: 'crasher', during: 'load', reason: 'did not return within 500 ms' });
  });

  test.each([
    ['a library that is not loaded', new LoadError('ERR_MISSING_SYMBOL', { symbol: 'aisopod_plugin_create' })],
    ['a child that could not be started', new LoadError('ERR_CHILD_PROCESS', { reason: 'no memory' })],
    ['a mistake of the host', new Error('oops')],
  ])('is not loaded, and neither remembered nor held against it: %s', async (_, error) => {
    const candidate = await makePlugin(temporaryFolder());
    const { probation, quarantine, stateDir, counted } = probationWith(() => Promise.reject(error));
    expect(await errorOf(probation.pass(KEY, candidate))).toBe(error);
    expect(await quarantine.list()).toEqual([]);
    expect(filesOf(stateDir, 'probation')).toEqual([]);
    await errorOf(probation.pass(KEY, candidate));
    expect(counted.lives).toBe(2);
  });
});

async function crasher(): Promise<Candidate> {
  const folder = fixtureDir('crasher');
  const manifestPath = path.join(folder, MANIFEST_FILENAME);
  return { id: 'crasher', path: folder, manifestPath, manifest: await readManifest(manifestPath) };
}

/** In a child that is told to commit `fault`. */
const liveWith = (fault: string, timeouts: { readonly create?: number } = {}): TrialRun =>
  trialRun({
    hostVersion: '1.0.0',
    timeouts,
    env: { AISOPOD_FIXTURE_FAULT: fault },
    childEntry: path.join(projectRoot, 'dist/isolation/child/main.js'),
    onCrash: () => {
      throw new Error('the host heard of it');
    },
  });

const dataFolders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`aisopod-probation-${process.pid}-`));

describe('in a real child', () => {
  test('a sound plugin passes, and leaves nothing', async () => {
    const before = dataFolders();
    const { probation, stateDir } = probationWith(liveWith(''));
    await probation.pass(KEY, await crasher());
    expect(filesOf(stateDir, 'probation')).toEqual([`${KEY}.json`]);
    expect(dataFolders()).toEqual(before);
  });

  test.each([
    ['constructor:abort', 'load', 'SIGABRT'],
    ['create:segv', 'load', 'SIGSEGV'],
    ['register:segv', 'register', 'SIGSEGV'],
    ['init:segv', 'init', 'SIGSEGV'],
    ['init:_exit', 'init', null],
    ['shutdown:segv', 'shutdown', 'SIGSEGV'],
  ])('%s is caught there, and the plugin is in quarantine', async (fault, during, signal) => {
    const before = dataFolders();
    const candidate = await crasher();
    const { probation, quarantine } = probationWith(liveWith(fault));
    expect(await errorOf(probation.pass(KEY, candidate))).toMatchObject({ code: 'ERR_LIFECYCLE_CRASHED', pluginId: 'crasher' });
    expect(await quarantine.check(KEY)).toMatchObject({ pluginId: 'crasher', during, ...(signal === null ? { signal, exitCode: 3 } : crashedBy(signal)) });
    expect(await errorOf(quarantine.admit(KEY, candidate))).toMatchObject({ code: 'ERR_QUARANTINED' });
    expect(dataFolders()).toEqual(before);
  });
});
