import { describe, expect, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ProcessLoader, type ProcessLoaderOptions } from '../../../src/isolation/proxy/process-loader.js';
import { limitsFor } from '../../../src/isolation/supervisor/limits-option.js';
import { linuxSandbox } from '../sandbox/linux-sandbox.js';
import type { ResourceLimits } from '../../../src/report/resource-limits.js';
import type { Candidate } from '../../../src/scan/index.js';
import { temporaryFolder, testWhere } from '../../support/fixtures.js';
import { mostInside, openIn } from '../homes.js';

const [ENOMEM, EFBIG, EMFILE] = [12, 27, 24];
const testLinux = testWhere(process.platform === 'linux', 'the fixture is for Linux');
const testSandbox = testWhere(linuxSandbox().level !== 'none', linuxSandbox().reason ?? '');

type Limits = NonNullable<ProcessLoaderOptions['limits']>;

/** Makes native calls in a child with these limits. Their results: 0, or the negative number of the error. */
async function attacks(limits: Limits | undefined, inSandbox = false, more: Partial<ProcessLoaderOptions> = {}): Promise<(attack: string) => Promise<number>> {
  const dataDir = path.join(temporaryFolder(), 'data');
  mkdirSync(dataDir);
  const host = await openIn('process', ['attacker'], { dataDir, ...(limits && { limits }), grants: inSandbox ? {} : false, ...more });
  return async (attack) => {
    const answer: unknown = await host.tool('attack').call({ attack, data: dataDir });
    return (answer as { result: number }).result;
  };
}

async function results(limits: Limits, inSandbox: boolean): Promise<unknown> {
  const run = await attacks(limits, inSandbox);
  return { files: await run('open 600 files'), bytes: await run('write 2 MiB') };
}

describe('limits on a child', () => {
  testLinux('none: those of the host', async () => {
    expect(await results({ openFiles: Infinity }, false)).toEqual({ files: 0, bytes: 0 });
  });

  testLinux('open files and the size of files: calls of the plugin fail, and the child goes on', async () => {
    expect(await results({ openFiles: 300, fileBytes: 1 << 20 }, false)).toEqual({ files: -EMFILE, bytes: -EFBIG });
  });

  testSandbox('in a sandbox too', async () => {
    expect(await results({ openFiles: 300, fileBytes: 1 << 20 }, true)).toEqual({ files: -EMFILE, bytes: -EFBIG });
  });

  testLinux('of each plugin, by a function', async () => {
    const asked: string[] = [];
    const limitsOf = ({ id }: Candidate): ResourceLimits => {
      asked.push(id);
      return { openFiles: 300 };
    };
    expect(await results(limitsOf, false)).toEqual({ files: -EMFILE, bytes: 0 });
    expect(asked).toEqual(['attacker']);
  });

  testLinux('core files: none by default, and as many bytes as the host says', async () => {
    expect(await (await attacks(undefined))('show the limit on core files')).toBe(0);
    expect(await (await attacks({ coreFileBytes: 0 }))('show the limit on core files')).toBe(0);
    expect(await (await attacks({ coreFileBytes: 4096 }))('show the limit on core files')).toBe(4096);
  });

  testLinux('addresses: also those that are no private memory', async () => {
    const free = await attacks(undefined);
    expect([await free('reserve 2 GiB'), await free('reserve 2 GiB of shared memory')]).toEqual([0, 0]);
    const limited = await attacks({ addressSpaceBytes: 1 << 30 });
    expect([await limited('reserve 2 GiB'), await limited('reserve 2 GiB of shared memory')]).toEqual([-ENOMEM, -ENOMEM]);
    const memory = await attacks(undefined, false, { memoryLimitBytes: 1 << 30 });
    expect([await memory('reserve 2 GiB'), await memory('reserve 2 GiB of shared memory')]).toEqual([-ENOMEM, 0]);
  });

  test('memory and addresses leave room for the threads that run plugins, of which Node reserves more than the limits', async () => {
    const limits = process.platform === 'linux' ? { addressSpaceBytes: 256 << 20 } : {};
    const host = await openIn('process', ['inside-count-safe'], { memoryLimitBytes: 64 << 20, limits });
    expect(await mostInside(host, 6, 500)).toBeGreaterThan(1);
  });

  testLinux('a report has them', async () => {
    const limits = { openFiles: 300, coreFileBytes: 0 };
    const host = await openIn('process', ['good-c'], { limits });
    expect(host.plugin('good-c').limits).toEqual(limits);
  });
});

describe('invalid limits', () => {
  const loader = (options: Partial<ProcessLoaderOptions>): ProcessLoader => new ProcessLoader({ hostVersion: '1.0.0', ...options });
  const candidate = { id: 'a', path: '/a' } as Candidate;

  test('a limit that needs a control group, without one', () => {
    for (const limits of [{ memoryBytes: 1 << 30 }, { processors: 1 }, { tasks: 100 }]) {
      expect(() => loader({ limits })).toThrow(`processes.limits.${Object.keys(limits)[0]!} needs`);
      expect(() => limitsFor({ limits: undefined, limitsOf: () => limits }, candidate)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS', pluginId: 'a' }));
    }
    expect(() => loader({ limits: { tasks: Infinity } })).not.toThrow();
  });

  test('numbers that leave a child nothing, and unknown names', () => {
    for (const limits of [{ openFiles: 10 }, { addressSpaceBytes: 1 }, { processors: 0 }, { tasks: 1 }, { memoryBytes: 1 }, { file: 1 }]) {
      expect(() => loader({ limits: limits, cgroup: '/group' })).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
    }
  });

  test('results of the host’s function: an error, a promise, a wrong number', () => {
    const fail = (): ResourceLimits => {
      throw new Error('no idea');
    };
    const results = [fail, () => Promise.resolve({}) as ResourceLimits, () => ({ openFiles: -1 })];
    for (const limitsOf of results) expect(() => limitsFor({ limits: undefined, limitsOf }, candidate)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
  });
});
