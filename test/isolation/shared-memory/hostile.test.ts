/** A plugin that writes anything anywhere into the memory that its process shares with the host, or into its socket for calls. */
import { expect } from '@jest/globals';
import { InvocationError } from '../../../src/errors/index.js';
import { testWhere } from '../../support/fixtures.js';
import { pause, recordOf, until } from '../../support/host.js';
import { thorough } from '../../support/thorough.js';
import { openIn } from '../homes.js';
import { canShare } from './memory.js';

const test = testWhere(canShare, 'memory is shared on Linux, x64 and arm64');
const ATTACK_MS = thorough(60_000, 6_000);
const SOCKET_ATTACK_MS = thorough(15_000, 3_000);

test('a child that rings without end is killed, since nothing has returned', async () => {
  const host = await openIn('process', ['memory-attacker'], { restart: { most: 0 } });
  const plugin = host.remote('memory-attacker');
  await host.tool('ring').call({}).catch(() => undefined);
  await until(() => plugin.state === 'quarantined');
  expect(recordOf(plugin)).toContain('killed by the host: it broke the protocol: it sent more than 20000 unrequested messages or KiB a second');
});

type Attack = readonly [home: 'process' | 'socket', tool: string, ms: number];

/**
 * Attacks for some time, in one child after the other, while calls are made. Each of them must settle. On a slow machine it goes on
 * until there was an attack and a call was answered.
 */
async function survive([home, tool, ms]: Attack): Promise<void> {
  const host = await openIn(home, ['memory-attacker'], { graceMs: 100, restart: { firstPauseMs: 0, longestPauseMs: 0, most: Infinity } });
  const neighbour = await openIn('process', ['good-c']);
  const plugin = host.remote('memory-attacker');
  const seen = { answered: 0, failed: 0, other: [] as unknown[] };
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', note).on('unhandledRejection', note);
  const end = Date.now() + ms;
  let attacks = 0;
  const isOver = (): boolean => Date.now() >= end && attacks > 0 && seen.answered > 0;

  const attack = async (): Promise<void> => {
    for (let pid: number | undefined; !isOver(); await pause(5)) {
      if (plugin.pid === pid || plugin.state !== 'active') continue;
      const { pid: now } = plugin;
      const answer = await host.tool(tool).call({}, { timeoutMs: 1000 }).catch(() => undefined);
      if ((answer as { attacks?: number } | undefined)?.attacks !== 1) continue;
      attacks++;
      pid = now;
    }
  };
  const call = async (name: string, text: string): Promise<void> => {
    while (!isOver()) {
      try {
        expect(typeof (await host.tool(name).callRaw(text, { timeoutMs: 300 }))).toBe('string');
        seen.answered++;
      } catch (error) {
        if (error instanceof InvocationError) seen.failed++;
        else seen.other.push(error);
      }
    }
  };
  const ask = async (): Promise<void> => {
    for (let n = 0; !isOver(); n++, await pause(2)) expect(await neighbour.tool('echo').call({ n })).toEqual({ n });
  };
  const small = JSON.stringify({ a: 'é' });
  const large = JSON.stringify({ a: 'x'.repeat(200_000) });
  const calls = [...Array.from({ length: 8 }, () => call('echo', small)), call('echo', large), call('echo_inline', small), call('echo_inline', large)];
  await Promise.all([attack(), ask(), ...calls]);
  process.off('uncaughtException', note).off('unhandledRejection', note);
  expect({ uncaught, other: seen.other }).toEqual({ uncaught: [], other: [] });
}

test('a host whose child writes anything anywhere for a while goes on: each call settles, and another plugin notices nothing', () => survive(['process', 'attack', ATTACK_MS]));

testWhere(process.platform !== 'win32', 'Windows has no socket for calls')(
  'the same of a child that sends anything through the socket for calls',
  () => survive(['socket', 'answers', SOCKET_ATTACK_MS]),
);
