/** A lent buffer never shows what was written into it before, by whichever plugin. */
import { describe, expect, test } from '@jest/globals';
import { ProcessLoader } from '../../src/isolation/proxy/process-loader.js';
import { PluginRegistry } from '../../src/registry/plugin-registry.js';
import { afterFile } from '../support/cleanup.js';
import { temporaryFolder } from '../support/fixtures.js';
import { candidateOf, loaderOf } from '../support/host.js';
import { openIn, type HomeHost } from './homes.js';

type Tools = Pick<HomeHost, 'tool'>;

/** One registry each, since some of their tools have the same names; one child for both. */
async function openShared(ids: readonly string[]): Promise<Tools[]> {
  const loader = new ProcessLoader({ hostVersion: '1.0.0' });
  const open = async (id: string): Promise<Tools> => {
    const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir: temporaryFolder() });
    afterFile(() => registry.shutdownAll());
    await registry.register(await loader.loadPlugin(await candidateOf(loaderOf(), id), {}, 'shared'));
    await registry.initAll();
    return { tool: (name) => registry.tool(name)! };
  };
  return Promise.all(ids.map(open));
}

const SECRET = 'DE00 1234 5678 9012';
const IDS = ['good-c', 'rule-breaker'];
const ROUNDS = 10;

describe.each<[string, () => Promise<readonly Tools[]>]>([
  ['in this process', () => Promise.all(IDS.map((id) => openIn('in-process', [id])))],
  ['in a child', () => Promise.all(IDS.map((id) => openIn('process', [id])))],
  ['in a child, through a socket', () => Promise.all(IDS.map((id) => openIn('socket', [id])))],
  ['in a shared child', () => openShared(IDS)],
])('%s', (_name, open) => {
  test("an answer that was not written shows nothing of another plugin's, nor of an earlier one of its own", async () => {
    const [good, breaker] = (await open()) as [Tools, Tools];
    const writers = [
      () => good.tool('echo').callRaw(JSON.stringify({ secret: SECRET })),
      () => breaker.tool('secret').callRaw('{}'),
      () => breaker.tool('secret_behind').callRaw('{}'),
    ];
    const ends = new Set<string>();
    for (const write of writers) {
      for (const reader of ['never_written', 'partly_written', 'unwritten_failure', 'owned_null']) {
        for (let i = 0; i < ROUNDS; i++) {
          await write();
          // Raw: there nobody parses the answer.
          const end = await breaker.tool(reader).callRaw('{}').catch(({ code, message }: { code: string; message: string }) => `${code} ${message}`);
          ends.add(end);
        }
      }
    }
    const all = [...ends].join('\n');
    expect(all.match(/^ERR_\w+/gm)).toHaveLength(ends.size);
    for (const part of SECRET.split(' ')) expect(all).not.toContain(part);
  });
});
