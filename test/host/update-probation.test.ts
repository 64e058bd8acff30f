/** A generation that crashes its child soon after it has taken over is rolled back, once, and its files are not tried again. */
import { describe, expect } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Quarantine } from '../../src/quarantine/index.js';
import { copyFixture, temporaryFolder } from '../support/fixtures.js';
import { errorOf, timeoutInside, until } from '../support/host.js';
import { putBuild } from '../support/releases.js';
import { call, copiesIn, generationsOf, openReloaded, testOnPosix, whenAlone } from './reloaded.js';

/** So long that a test decides when probation ends. */
const updates = { probationMs: 3_600_000 };

const standingBy = (generation: number) => [generation, `standby ${generation - 1}`];

describe('an isolated plugin that was updated', () => {
  testOnPosix('is rolled back if it crashes during probation, and these files are not tried again', async () => {
    const stateDir = temporaryFolder();
    const { host, plugin, copyDir } = await openReloaded('process', { updates, stateDir });
    const first = host.explain('reloaded')?.pid;
    putBuild(plugin, 'reloaded-2');
    await host.update('reloaded');
    await until(() => host.explain('reloaded')?.otherGenerations?.[0]?.role === 'standby');
    expect(generationsOf(host)).toEqual(standingBy(2));
    expect(await call(host, 'version')).toEqual({ version: 2 });

    expect(await errorOf(call(host, 'crash'))).toMatchObject({ code: 'ERR_PLUGIN_CRASHED' });
    expect(await call(host, 'version')).toEqual({ version: 1 });
    const lastUpdate = { outcome: 'rolled back', version: '2.0.0', code: 'ERR_LIFECYCLE_CRASHED' };
    expect(host.explain('reloaded')).toMatchObject({ state: 'active', version: '1.0.0', pid: first, generation: 1, lastUpdate, filesChanged: true });
    await until(() => copiesIn(copyDir).length === 1);
    expect(await new Quarantine({ stateDir }).list()).toMatchObject([{ pluginId: 'reloaded', count: 1, signal: 'SIGABRT', during: 'tool crash' }]);

    expect(await host.update('reloaded')).toMatchObject({ outcome: 'kept', error: { code: 'ERR_UPDATE_REFUSED' } });
    putBuild(plugin, 'reloaded-2'); // the same bytes in other files
    expect(await host.update('reloaded')).toMatchObject({ outcome: 'kept', error: { code: 'ERR_QUARANTINED' } });
    expect([generationsOf(host), await call(host, 'version')]).toEqual([[1], { version: 1 }]);
  });

  testOnPosix('is rolled back if it does not return by a deadline', async () => {
    const { host, plugin, folder } = await openReloaded('process', { updates, processes: { graceMs: 50 } });
    putBuild(plugin, 'reloaded-2');
    await host.update('reloaded');
    const states: unknown[] = [];
    host.on('state', ({ generation, state, role }) => states.push([generation, state, role]));
    expect(await timeoutInside(() => host.find('tool', 'hang')?.call({ file: path.join(folder, 'never') }, { timeoutMs: 50 }))).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT' });
    await until(() => host.explain('reloaded')?.version === '1.0.0');
    expect(host.explain('reloaded')?.lastUpdate).toMatchObject({ outcome: 'rolled back' });
    await until(() => states.some((one) => JSON.stringify(one) === JSON.stringify([2, 'retired', 'rolled back'])));
    expect(states).toContainEqual([1, 'active', undefined]);
  });

  testOnPosix('is restarted, and not rolled back, if the machine ended its process', async () => {
    const { host, plugin } = await openReloaded('process', { updates, processes: { restart: { firstPauseMs: 10 } } });
    putBuild(plugin, 'reloaded-2');
    await host.update('reloaded');
    const { pid = 0 } = host.explain('reloaded') ?? {};
    process.kill(pid, 'SIGKILL');
    await until(() => host.explain('reloaded')?.state === 'active' && host.explain('reloaded')?.pid !== pid);
    expect(host.explain('reloaded')).toMatchObject({ generation: 2, lastUpdate: { outcome: 'updated' } });
    expect(await call(host, 'version')).toEqual({ version: 2 });
  });

  testOnPosix('is restarted if it crashes after probation', async () => {
    const { host, plugin } = await openReloaded('process', { updates: { probationMs: 1 }, processes: { restart: { firstPauseMs: 10 } } });
    putBuild(plugin, 'reloaded-2');
    await host.update('reloaded');
    await whenAlone(host);
    await errorOf(call(host, 'crash'));
    expect(await call(host, 'version')).toEqual({ version: 2 });
    expect(host.explain('reloaded')).toMatchObject({ state: 'active', generation: 2, lastUpdate: { outcome: 'updated' } });
  });

  testOnPosix('during probation discards the older of the two, and is rolled back to the newer', async () => {
    const { host, plugin } = await openReloaded('process', { updates });
    for (const generation of [2, 3]) {
      putBuild(plugin, `reloaded-${generation - 1 === 1 ? 2 : 1}`);
      expect(await host.update('reloaded')).toMatchObject({ outcome: 'updated', generation });
      await until(() => JSON.stringify(generationsOf(host)) === JSON.stringify(standingBy(generation)));
    }
    await errorOf(call(host, 'crash'));
    expect([generationsOf(host)[0], await call(host, 'version')]).toEqual([2, { version: 2 }]);
    // Once: the one that is back is restarted like any other.
    await errorOf(call(host, 'crash'));
    expect(await call(host, 'version')).toEqual({ version: 2 });
    expect(host.explain('reloaded')).toMatchObject({ generation: 2, state: 'active' });
  });

  testOnPosix('has both generations ended by disable', async () => {
    const { host, plugin } = await openReloaded('process', { updates });
    putBuild(plugin, 'reloaded-2');
    await host.update('reloaded');
    expect(generationsOf(host)).toHaveLength(2);
    await host.disable('reloaded');
    expect(generationsOf(host)).toHaveLength(1);
  });
});

describe('a plugin in a shared child that was updated', () => {
  const isolation = { process: 'shared' };
  const processes = { restart: { firstPauseMs: 10 } };

  testOnPosix('is rolled back if it crashes the child during probation: the version before is started again, beside its neighbour', async () => {
    const stateDir = temporaryFolder();
    const { host, plugin } = await openReloaded(isolation, { updates, stateDir, processes });
    const version = host.find('tool', 'version');
    putBuild(plugin, 'reloaded-2');
    await host.update('reloaded');
    await until(() => JSON.stringify(generationsOf(host)) === JSON.stringify(standingBy(2)));
    expect(await version?.call({})).toEqual({ version: 2 });

    expect(await errorOf(call(host, 'crash'))).toMatchObject({ code: 'ERR_PLUGIN_CRASHED' });
    expect([await version?.call({}), await call(host, 'most_inside')]).toEqual([{ version: 1 }, expect.anything()]);
    const lastUpdate = { outcome: 'rolled back', version: '2.0.0', code: 'ERR_LIFECYCLE_CRASHED' };
    expect(host.explain('reloaded')).toMatchObject({ state: 'active', version: '1.0.0', generation: 1, lastUpdate, filesChanged: true });
    expect(host.explain('inside-count')).toMatchObject({ state: 'active' });
    expect(await new Quarantine({ stateDir }).list()).toMatchObject([{ pluginId: 'reloaded', count: 1, signal: 'SIGABRT', during: 'tool crash' }]);
    expect(await host.update('reloaded')).toMatchObject({ outcome: 'kept', error: { code: 'ERR_UPDATE_REFUSED' } });
    // Once: the one that is back is restarted like any other.
    await errorOf(call(host, 'crash'));
    expect([await version?.call({}), generationsOf(host)]).toEqual([{ version: 1 }, [1]]);
  });

  testOnPosix('is rolled back, but not quarantined, if the crash is attributed to a neighbour', async () => {
    const [folder, stateDir] = [temporaryFolder(), temporaryFolder()];
    copyFixture('crasher', folder);
    const { host, plugin } = await openReloaded(isolation, { updates, stateDir, processes }, folder);
    putBuild(plugin, 'reloaded-2');
    await host.update('reloaded');
    await errorOf(call(host, 'worker', { fault: 'abort' }));
    expect(await call(host, 'version')).toEqual({ version: 1 });
    expect(host.explain('reloaded')?.lastUpdate).toMatchObject({ outcome: 'rolled back' });
    expect(await new Quarantine({ stateDir }).list()).toEqual([]);
    expect(await host.update('reloaded')).toMatchObject({ outcome: 'updated', version: '2.0.0' });
  });

  testOnPosix('is restarted, and not rolled back, if the machine ended the child; it can still be rolled back', async () => {
    const { host, plugin } = await openReloaded(isolation, { updates, processes });
    putBuild(plugin, 'reloaded-2');
    await host.update('reloaded');
    await until(() => JSON.stringify(generationsOf(host)) === JSON.stringify(standingBy(2)));
    process.kill(host.explain('reloaded')?.pid ?? 0, 'SIGKILL');
    await until(() => host.explain('reloaded')?.state !== 'active');
    expect(await call(host, 'version')).toEqual({ version: 2 });
    await until(() => host.explain('reloaded')?.otherGenerations?.[0]?.state === 'active');
    expect(generationsOf(host)).toEqual(standingBy(2));
    await errorOf(call(host, 'crash'));
    expect([await call(host, 'version'), generationsOf(host)]).toEqual([{ version: 1 }, [1]]);
  });

  testOnPosix('is restarted as it is if it crashes the child after probation', async () => {
    const { host, plugin } = await openReloaded(isolation, { updates: { probationMs: 1 }, processes });
    putBuild(plugin, 'reloaded-2');
    await host.update('reloaded');
    await whenAlone(host);
    await errorOf(call(host, 'crash'));
    expect([await call(host, 'version'), generationsOf(host)]).toEqual([{ version: 2 }, [2]]);
  });

  testOnPosix('whose new files crash the child in init stays as it is', async () => {
    const { host, plugin } = await openReloaded(isolation, { updates, processes });
    putBuild(plugin, 'reloaded-crashes-in-init');
    expect(await host.update('reloaded')).toMatchObject({ outcome: 'kept', error: { code: 'ERR_LIFECYCLE_CRASHED' } });
    await until(() => host.explain('reloaded')?.state === 'active');
    expect([await call(host, 'version'), generationsOf(host)]).toEqual([{ version: 1 }, [1]]);
  });

  testOnPosix('is not rolled back if no private copy could be made, because its first version cannot be started again', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'a-file');
    writeFileSync(file, '');
    // The later version gets its copy: the place can be used by then, but not by a sandboxed child that was started before.
    const { host, plugin } = await openReloaded(isolation, { updates, processes, sandbox: 'off', trust: { copyDir: path.join(file, 'copies') } }, folder);
    expect(host.explain('reloaded')).toMatchObject({ state: 'active', version: '1.0.0' });
    rmSync(file);
    putBuild(plugin, 'reloaded-2');
    expect(await host.update('reloaded')).toMatchObject({ outcome: 'updated' });
    await whenAlone(host);
    await errorOf(call(host, 'crash'));
    expect([await call(host, 'version'), generationsOf(host)]).toEqual([{ version: 2 }, [2]]);
  });
});
