/** aisopod.handover/1: at an update, the state of a plugin goes to its next generation, or the update fails. */
import { describe, expect } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { MAX_STATE } from '../../src/abi/constants.js';
import { Status } from '../../src/abi/status.js';
import type { PluginHostOptions } from '../../src/host/host-options.js';
import type { PluginHost } from '../../src/host/plugin-host.js';
import type { UpdateOptions } from '../../src/host/update/update-result.js';
import type { Isolation } from '../../src/report/plugin-report.js';
import { copyFixture, temporaryFolder } from '../support/fixtures.js';
import { isMusl } from '../support/libc.js';
import { until } from '../support/host.js';
import { installBuild, putBuild } from '../support/releases.js';
import { open } from './host.js';
import { HOMES, call, testOnPosix } from './reloaded.js';

/** What save does: see native-fixtures/keeper. */
const Save = { EMPTY: 1, LARGEST: 2, TOO_LARGE: 3, REFUSES: 4, CRASHES: 5, HANGS: 6 } as const;
const STATE_BYTES = 16;

interface Opened {
  readonly host: PluginHost;
  readonly plugin: string;
  readonly folder: string;
}

/** A neighbour keeps a shared child alive. */
async function openKeeper(isolation: Isolation, more: Partial<PluginHostOptions> = {}): Promise<Opened> {
  const folder = temporaryFolder();
  const plugin = installBuild(folder, 'keeper-1');
  copyFixture('inside-count', folder);
  const host = await open({ pluginDirs: [folder], isolation, trust: { copyDir: temporaryFolder() }, updates: { probationMs: 0 }, ...more });
  return { host, plugin, folder };
}

async function updateTo(build: string, { host, plugin }: Opened, options?: UpdateOptions): Promise<unknown> {
  putBuild(plugin, build);
  return host.update('keeper', options);
}

const whenActive = (host: PluginHost): Promise<void> => until(() => host.explain('keeper')?.state === 'active');
const checkOf = (host: PluginHost): unknown => host.explain('keeper')?.trace.find(({ check }) => check === 'state of the generation before')?.found;

describe.each(HOMES)('a plugin %s', (_name, isolation) => {
  testOnPosix('goes on from its state, update after update', async () => {
    const opened = await openKeeper(isolation);
    const { host } = opened;
    for (let calls = 1; calls <= 3; calls++) expect(await call(host, 'count')).toMatchObject({ release: 1, calls, restored: 0, atInit: 0 });
    const replaced = { generation: 1, version: '1.0.0' };
    const previousLibrary = isolation === 'in-process' && { previousLibrary: expect.objectContaining({ state: expect.stringMatching(/^(?:in use|kept)$/) }) };
    expect(await updateTo('keeper-2', opened)).toEqual({ outcome: 'updated', id: 'keeper', generation: 2, version: '2.0.0', replaced, stateBytes: STATE_BYTES, ...previousLibrary });
    expect(await call(host, 'count')).toEqual({ release: 2, calls: 4, restored: STATE_BYTES, atInit: 1, releases: 0, hostCall: Status.STATE });
    expect(checkOf(host)).toBe('16 bytes');
    expect(await updateTo('keeper-1', opened)).toMatchObject({ outcome: 'updated', stateBytes: STATE_BYTES });
    expect(await call(host, 'count')).toMatchObject({ release: 1, calls: 5 });
  });

  testOnPosix('gives a state of the largest size, and none that is empty', async () => {
    const opened = await openKeeper(isolation);
    const { host } = opened;
    await call(host, 'count');
    await call(host, 'behave', { save: Save.LARGEST });
    expect(await updateTo('keeper-2', opened)).toMatchObject({ outcome: 'updated', stateBytes: MAX_STATE });
    expect(await call(host, 'count')).toMatchObject({ calls: 2, restored: MAX_STATE });
    await call(host, 'behave', { save: Save.EMPTY });
    const updated = await updateTo('keeper-1', opened);
    expect(updated).toMatchObject({ outcome: 'updated' });
    expect(updated).not.toHaveProperty('stateBytes');
    // A shared child, and with musl every process, still has the library of the first generation mapped, and uses it again.
    const staysMapped = typeof isolation === 'object' || (isolation === 'in-process' && isMusl);
    const calls = staysMapped ? 2 : 1;
    expect(await call(host, 'count')).toMatchObject({ release: 1, calls, restored: 0, atInit: 0 });
  });

  testOnPosix('is not updated if save fails or restore does, and its state is released once', async () => {
    const opened = await openKeeper(isolation);
    const { host } = opened;
    const kept = async (build: string, error: object, calls: number, releases: number): Promise<void> => {
      expect(await updateTo(build, opened)).toMatchObject({ outcome: 'kept', error: { pluginId: 'keeper', ...error } });
      expect(host.explain('keeper')).toMatchObject({ state: 'active', version: '1.0.0', generation: 1, lastUpdate: { outcome: 'kept', version: '2.0.0', ...error } });
      expect(await call(host, 'count')).toMatchObject({ release: 1, calls, releases });
    };
    await call(host, 'behave', { save: Save.REFUSES });
    await kept('keeper-2', { code: 'ERR_HANDOVER_FAILED', message: expect.stringContaining('save failed: the state is in use') }, 1, 0);
    await call(host, 'behave', { save: Save.TOO_LARGE });
    await kept('keeper-2', { code: 'ERR_HANDOVER_TOO_LARGE', message: expect.stringContaining(`save answered ${MAX_STATE + 1} bytes, over the limit of ${MAX_STATE}`) }, 2, 1);
    await call(host, 'behave', { save: 0 });
    await kept('keeper-refuses-restore', { code: 'ERR_HANDOVER_FAILED', message: expect.stringContaining('restore failed: a state of another format') }, 3, 2);
    await kept('keeper-without-restore', { code: 'ERR_HANDOVER_FAILED', message: expect.stringContaining('aisopod_handover, restore: expected a function, found NULL') }, 4, 3);
    expect(await updateTo('keeper-2', opened)).toMatchObject({ outcome: 'updated', stateBytes: STATE_BYTES });
    expect(await call(host, 'count')).toMatchObject({ release: 2, calls: 5 });
  });

  testOnPosix('starts without a state if it takes none, or if the host discards it', async () => {
    const opened = await openKeeper(isolation);
    const { host } = opened;
    await call(host, 'behave', { save: Save.REFUSES });
    expect(await updateTo('keeper-2', opened, { discardState: true })).toMatchObject({ outcome: 'updated' });
    expect(await call(host, 'count')).toMatchObject({ release: 2, calls: 1, restored: 0 });
    const without = await updateTo('keeper-without-handover', opened);
    expect(without).toMatchObject({ outcome: 'updated', generation: 3 });
    expect(without).not.toHaveProperty('stateBytes');
    expect(checkOf(host)).toBe('16 bytes, which it does not take');
    expect(await updateTo('keeper-1', opened)).toMatchObject({ outcome: 'updated' });
    expect(await call(host, 'count')).toMatchObject({ release: 1, calls: 1 });
  });

  testOnPosix('is not updated while other calls keep it busy past the deadline, and they complete', async () => {
    // Without a sandbox: its tool waits for a file outside its own folders.
    const opened = await openKeeper(isolation, { timeouts: { init: 1000 }, sandbox: 'off' });
    const { host, folder } = opened;
    const file = path.join(folder, 'go');
    const blocked = call(host, 'block', { file });
    expect(await updateTo('keeper-2', opened)).toMatchObject({ outcome: 'kept', error: { code: 'ERR_HANDOVER_FAILED', operation: 'save', reason: 'other calls kept the plugin busy for 1000 ms' } });
    writeFileSync(file, '');
    expect(await blocked).toEqual({ release: 1 });
    expect(await updateTo('keeper-2', opened)).toMatchObject({ outcome: 'updated', stateBytes: STATE_BYTES });
  });
});

const FAULTS: readonly (readonly [what: string, save: number, build: string, error: { readonly code: string; readonly operation: string }])[] = [
  ['crashes in save', Save.CRASHES, 'keeper-2', { code: 'ERR_LIFECYCLE_CRASHED', operation: 'save' }],
  ['hangs in save', Save.HANGS, 'keeper-2', { code: 'ERR_LIFECYCLE_TIMEOUT', operation: 'save' }],
  ['crashes in restore', 0, 'keeper-crashes-in-restore', { code: 'ERR_LIFECYCLE_CRASHED', operation: 'restore' }],
  ['hangs in restore', 0, 'keeper-hangs-in-restore', { code: 'ERR_LIFECYCLE_TIMEOUT', operation: 'restore' }],
];

// In this process a crash would end the tests.
describe.each(HOMES.filter(([, isolation]) => isolation !== 'in-process'))('a plugin %s', (_name, isolation) => {
  for (const [what, save, build, error] of FAULTS) {
    testOnPosix(`that ${what} is not updated`, async () => {
      const opened = await openKeeper(isolation, { timeouts: { init: 1000 } });
      const { host } = opened;
      expect(await call(host, 'count')).toMatchObject({ calls: 1 });
      await call(host, 'behave', { save });
      expect(await updateTo(build, opened)).toMatchObject({ outcome: 'kept', error });
      await whenActive(host);
      // Its process ended if the fault was its own, or if the new generation shares it. A restart gives no state.
      const calls = save === 0 && isolation === 'process' ? 2 : 1;
      expect(await call(host, 'count')).toMatchObject({ release: 1, calls, restored: 0 });
      expect(await updateTo('keeper-2', opened)).toMatchObject({ outcome: 'updated', stateBytes: STATE_BYTES });
      expect(await call(host, 'count')).toMatchObject({ release: 2, calls: calls + 1 });
    });
  }
});
