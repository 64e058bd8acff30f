import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { linuxSandbox } from '../linux-sandbox.js';
import { testWhere } from '../../../support/fixtures.js';
import { Attacker, makeOutside, startVictims, stateOf, type Victims } from './attacker.js';

const { level, reason, kernelAbi } = linuxSandbox();
const testSandbox = testWhere(level !== 'none', reason ?? '');

/** The kinds of attacks, and how many there are at least. */
const KINDS = { files: 50, metadata: 20, network: 20, processes: 30, execution: 10, 'shared objects': 10, kernel: 40, threads: 2 } as const;
type Kind = keyof typeof KINDS;

/** Why an attack fails without a sandbox too. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  EPERM: 'this user may not',
  EACCES: 'this user may not',
  ENOSYS: 'this kernel has no such call',
  EINVAL: 'this kernel was built without it',
  ENOENT: 'this machine has no such file',
  ENXIO: 'this machine has no such device',
  EOPNOTSUPP: 'this file system has no such thing',
  EAFNOSUPPORT: 'this kernel has no such sockets',
  EPROTONOSUPPORT: 'this kernel has no such protocol',
  ESOCKTNOSUPPORT: 'this kernel has no such sockets',
};
/** By name. */
const FORBIDDEN_ALONE: Readonly<Record<string, string>> = { 'int 0x80': 'SIGSEGV' }; // on x64, a kernel without 32-bit calls

/** That it is as before: what a host would be if it were attacked. */
function stateOfProcess(pid: number): unknown {
  const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  const [, ...fields] = read('stat').split(') ')[1]!.split(' ');
  const scheduling = [fields[14], fields[15], fields[36], fields[37]]; // priority, nice, real-time priority, policy
  return { limits: read('limits'), score: read('oom_score_adj'), name: read('comm'), tracer: /TracerPid:.*/.exec(read('status'))?.[0], scheduling };
}

let victims: Victims;
beforeAll(async () => {
  if (level !== 'none') victims = await startVictims();
});

describe('without a sandbox', () => {
  let attacker: Attacker;
  testSandbox('there are enough attacks of each kind', async () => {
    attacker = await Attacker.open(victims, undefined);
    const attacks = await attacker.attacks();
    expect(Object.keys(attacks).sort()).toEqual(Object.keys(KINDS).sort());
    for (const [kind, least] of Object.entries(KINDS)) expect((attacks[kind] ?? []).length).toBeGreaterThanOrEqual(least);
  });

  test.each(Object.keys(KINDS) as Kind[])('attacks work, or the machine forbids them: %s', async (kind) => {
    if (level === 'none') return;
    const names = (await attacker.attacks())[kind] ?? [];
    const unexplained: string[] = [];
    let reached = 0;
    for (const name of names) {
      const outcome = await attacker.run(name, makeOutside());
      if (outcome === 'reached') reached++;
      else if (FORBIDDEN[outcome] === undefined && FORBIDDEN_ALONE[name] !== outcome) unexplained.push(`${name}: ${outcome}`);
    }
    expect(unexplained).toEqual([]);
    expect(reached).toBeGreaterThanOrEqual(Math.floor(names.length / 4)); // an attack that cannot work shows nothing
  });
});

describe.each(['the newest version of Landlock', 1, 2, 3, 4, 5, 6])('in a sandbox, with %s', (version) => {
  let attacker: Attacker;
  const hasVersion = level !== 'none' && (typeof version === 'string' || version < kernelAbi);
  const testVersion = testWhere(hasVersion, `needs a newer version of Landlock than ${version}`);

  test.each(Object.keys(KINDS) as Kind[])('no attack works, and nothing has changed: %s', async (kind) => {
    if (!hasVersion) return;
    attacker ??= await Attacker.open(victims, typeof version === 'string' ? {} : { landlockAbi: version });
    const before = stateOfProcess(victims.pid);
    const works: string[] = [];
    for (const name of (await attacker.attacks())[kind] ?? []) {
      const folder = makeOutside();
      const state = stateOf(folder);
      const outcome = await attacker.run(name, folder);
      if (outcome === 'reached') works.push(name);
      expect(stateOf(folder)).toEqual(state);
    }
    expect(works).toEqual([]);
    expect(stateOfProcess(victims.pid)).toEqual(before);
  });

  testVersion('the plugin still answers', async () => {
    expect(Object.keys(await attacker.attacks())).toHaveLength(Object.keys(KINDS).length);
  });
});
