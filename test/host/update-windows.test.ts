/** Windows: a loaded library can be renamed, but not overwritten or deleted. Generations run from private copies, which leave the folder free. */
import { describe, expect } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { libraryFileName, testWhere } from '../support/fixtures.js';
import { putBuild } from '../support/releases.js';
import { HOMES, call, openReloaded, whenAlone } from './reloaded.js';

const testOnWindows = testWhere(process.platform === 'win32', 'other systems have other rules');

describe.each(HOMES)('a plugin %s', (_name, isolation) => {
  testOnWindows('Windows: is updated although its loaded library can only be renamed, and the folder is free afterwards', async () => {
    const { host, plugin } = await openReloaded(isolation, { updates: { probationMs: 0, maxFirstCopyBytes: 0 } });
    const library = path.join(plugin, libraryFileName('reloaded'));
    expect(() => writeFileSync(library, 'new')).toThrow();
    expect(() => rmSync(library)).toThrow();
    putBuild(plugin, 'reloaded-2', 'rename');
    expect(await host.update('reloaded')).toMatchObject({ outcome: 'updated', generation: 2 });
    expect(await call(host, 'version')).toEqual({ version: 2 });
    await whenAlone(host);
    putBuild(plugin, 'reloaded-1', 'overwrite');
    expect(await host.update('reloaded')).toMatchObject({ outcome: 'updated', generation: 3 });
    expect(await call(host, 'version')).toEqual({ version: 1 });
    rmSync(library);
    expect(await call(host, 'version')).toEqual({ version: 1 });
  });

  testOnWindows('Windows: has a folder that is free from the start', async () => {
    const { host, plugin } = await openReloaded(isolation);
    putBuild(plugin, 'reloaded-2', 'overwrite');
    expect(await call(host, 'version')).toEqual({ version: 1 });
    expect(await host.update('reloaded')).toMatchObject({ outcome: 'updated', generation: 2 });
    expect(await call(host, 'version')).toEqual({ version: 2 });
  });
});
