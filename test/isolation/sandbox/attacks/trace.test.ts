import { describe, expect, test } from '@jest/globals';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { sandboxSupport } from '../../../../src/isolation/sandbox/probe.js';
import { describeDenial, type Denial } from '../../../../src/isolation/sandbox/trace/denial.js';
import { testWhere } from '../../../support/fixtures.js';
import { until } from '../../../support/host.js';
import { Attacker, makeOutside, startVictims } from './attacker.js';

const testTrace = testWhere(sandboxSupport().keys.connect === 'enforced', 'needs a kernel that lets the host answer calls of a child');

type Reported = Denial & { readonly plugins: readonly string[] };

/** A traced attacker, and what was reported. */
async function traced(grants = {}): Promise<{ readonly attacker: Attacker; readonly denials: Reported[]; readonly folder: string; readonly port: number }> {
  const denials: Reported[] = [];
  const victims = await startVictims();
  const attacker = await Attacker.open(victims, grants, (denial) => denials.push(denial));
  return { attacker, denials, folder: realpathSync(makeOutside()), port: victims.port };
}

/** Waits until this is reported, without the names of calls, which depend on the processor. */
async function untilReported(denials: readonly Reported[], ...wanted: Omit<Denial, 'call'>[]): Promise<void> {
  const isReported = (one: Omit<Denial, 'call'>): boolean => denials.some(({ target, key }) => target === one.target && key === one.key);
  await until(() => wanted.every(isReported));
}

describe('what a plugin is denied is reported', () => {
  testTrace('files: to read, to write, to remove, and folders', async () => {
    const { attacker, denials, folder } = await traced();
    for (const attack of ['read', 'append', 'make a file', 'remove a file', 'list a folder', 'make a folder']) expect(await attacker.run(attack, folder)).not.toBe('reached');
    const secret = path.join(folder, 'secret');
    await untilReported(denials, { target: secret, key: 'read' }, { target: secret, key: 'write' }, { target: folder, key: 'read' });
    expect(denials.filter(({ target, key }) => target === secret && key === 'read')).toHaveLength(1);
    expect(denials[0]!.plugins).toEqual(['attacker']);
  });

  testTrace('nothing of what was granted', async () => {
    const { attacker, denials, folder } = await traced();
    expect(await attacker.run('read the own state', folder)).toBe('reached');
    expect(await attacker.run('write 2 MiB', folder)).toBe('reached');
    expect(await attacker.run('read', folder)).toBe('EACCES');
    await untilReported(denials, { target: path.join(folder, 'secret'), key: 'read' });
    expect(denials.map(({ target }) => target)).toEqual([path.join(folder, 'secret')]);
  });

  testTrace('sockets, without and with a grant of another endpoint', async () => {
    const without = await traced();
    expect(await without.attacker.run('connect by TCP', without.folder)).toBe('EACCES');
    await untilReported(without.denials, { key: 'connect' });
    const other = await traced({ connect: ['127.0.0.1:1'] });
    expect(await other.attacker.run('connect by TCP', other.folder)).toBe('EACCES');
    await untilReported(other.denials, { target: `127.0.0.1:${other.port}`, key: 'connect' });
  });

  testTrace('calls that no permission allows', async () => {
    const { attacker, denials, folder } = await traced();
    expect(await attacker.run('chmod', folder)).toBe('EPERM');
    await until(() => denials.some(({ key, target }) => key === undefined && target === path.join(folder, 'secret')));
  });

  testTrace('and the sandbox denies the same as without a trace', async () => {
    const { attacker, denials, folder } = await traced();
    const attacks = await attacker.attacks();
    const reached: string[] = [];
    for (const kind of ['files', 'metadata', 'network', 'execution']) {
      for (const name of attacks[kind] ?? []) if ((await attacker.run(name, folder)) === 'reached') reached.push(name);
    }
    expect(reached).toEqual([]);
    expect(denials.length).toBeGreaterThan(30);
  });
});

test.each<[Denial, string]>([
  [{ call: 'openat', target: '/etc/shadow', key: 'read' }, 'openat /etc/shadow: not granted; `[permissions] read = ["/etc/shadow"]`'],
  [{ call: 'connect', target: '1.2.3.4:443', key: 'connect' }, 'connect 1.2.3.4:443: not granted; `[permissions] connect = ["1.2.3.4:443"]`'],
  [{ call: 'bind', target: '0.0.0.0:8080', key: 'listen' }, 'bind 0.0.0.0:8080: not granted; `[permissions] listen = [8080]`'],
  [{ call: 'clone', key: 'run' }, 'clone: not granted; `[permissions] run = ["PROGRAM"]`'],
  [{ call: 'socket', key: 'connect' }, 'socket: not granted; `[permissions] connect = ["HOST:PORT"]`'],
  [{ call: 'chmod', target: '/a' }, 'chmod /a: denied in every sandbox (docs/sandbox.md, "What stops working for a plugin")'],
])('a denial as text: %j', (denial, expected) => {
  expect(describeDenial(denial)).toBe(expected);
});
