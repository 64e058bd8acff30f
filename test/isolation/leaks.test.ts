import { expect } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { testWhere } from '../support/fixtures.js';
import { until } from '../support/host.js';
import { openIn } from './homes.js';

const testLinux = testWhere(process.platform === 'linux', 'no /proc');

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

/** Processes whose parent this is, zombies included. */
const children = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === process.pid);

function parentOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
  } catch {
    return undefined; // it has ended meanwhile
  }
}

async function oneLife(): Promise<void> {
  const host = await openIn('process', ['good-c'], { restart: { firstPauseMs: 1 }, graceMs: 50 });
  const plugin = host.remote('good-c');
  await host.tool('stream').call({ count: 300 }, { onChunk: () => undefined });
  process.kill(plugin.pid ?? 0, 'SIGSEGV');
  await host.tool('echo').call({}).catch(() => undefined);
  await until(() => plugin.restarts === 1 && plugin.state === 'active');
  await host.tool('block').call({ ms: 60_000 }, { timeoutMs: 20 }).catch(() => undefined);
  await host.tool('echo').call({});
  await host.registry.shutdownAll();
}

testLinux('crashes, kills and shutdowns leave no process, no zombie and no descriptor', async () => {
  await oneLife();
  const before = { descriptors: openDescriptors(), children: children().length, listeners: process.listenerCount('exit') };
  for (let life = 0; life < 5; life++) await oneLife();
  await until(() => openDescriptors() <= before.descriptors && children().length <= before.children);
  expect({ descriptors: openDescriptors(), children: children().length, listeners: process.listenerCount('exit') }).toEqual(before);
});
