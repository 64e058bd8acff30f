import { describe, expect } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { ProcessLoaderOptions } from '../../../src/isolation/proxy/process-loader.js';
import { sandboxSupport } from '../../../src/isolation/sandbox/probe.js';
import { temporaryFolder, testWhere } from '../../support/fixtures.js';
import { openIn } from '../homes.js';

const [EFBIG, EMFILE] = [27, 24];
const testLinux = testWhere(process.platform === 'linux', 'the fixture is for Linux');
const testSandbox = testWhere(sandboxSupport().level !== 'none', sandboxSupport().reason ?? '');

/** Results of native calls in a child with these limits: 0, or the negative number of the error. */
async function results(limits: NonNullable<ProcessLoaderOptions['limits']>, inSandbox: boolean): Promise<unknown> {
  const dataDir = path.join(temporaryFolder(), 'data');
  mkdirSync(dataDir);
  const host = await openIn('process', ['attacker'], { dataDir, limits, ...(inSandbox && { grants: {} }) });
  const run = async (attack: string): Promise<number> => {
    const answer: unknown = await host.tool('attack').call({ attack, data: dataDir });
    return (answer as { result: number }).result;
  };
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
});
