import { beforeAll, expect } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mappedLibc } from '../../../../src/machine/libc-flavour.js';
import { linuxSandbox } from '../linux-sandbox.js';
import { temporaryFolder, testWhere } from '../../../support/fixtures.js';
import { Attacker, makeOutside, startVictims, stateOf, type Victims } from './attacker.js';

/** What a grant opens, and what it leaves closed. */
const { level, reason, kernelAbi } = linuxSandbox();
const testSandbox = testWhere(level !== 'none', reason ?? '');
const testPorts = testWhere(kernelAbi >= 4, 'needs version 4 of Landlock');
const testSignals = testWhere(kernelAbi >= 6, 'needs version 6 of Landlock');
const isMusl = mappedLibc()?.flavour === 'musl';

let victims: Victims;
beforeAll(async () => {
  if (level !== 'none') victims = await startVictims();
});

const outcomes = async (attacker: Attacker, names: readonly string[], folder: string): Promise<Readonly<Record<string, string>>> => {
  const found: Record<string, string> = {};
  for (const name of names) found[name] = await attacker.run(name, folder);
  return found;
};

testSandbox('a folder to read: its files, and no change', async () => {
  const folder = makeOutside();
  const attacker = await Attacker.open(victims, { read: [folder] });
  const state = stateOf(folder);
  expect(await outcomes(attacker, ['read', 'read by a symbolic link', 'list a folder', 'read by mmap'], folder)).toEqual({
    read: 'reached',
    'read by a symbolic link': 'reached',
    'list a folder': 'reached',
    'read by mmap': 'reached',
  });
  const changes = ['append', 'truncate', 'truncate by opening for reading', 'make a file', 'make a file without a name', 'remove a file', 'rename', 'rename over', 'exchange', 'make a hard link', 'chmod', 'utimes', 'setxattr', 'fchmod of what is open for neither', 'watch a folder'];
  for (const [name, outcome] of Object.entries(await outcomes(attacker, changes, folder))) expect([name, outcome]).not.toEqual([name, 'reached']);
  expect(stateOf(folder)).toEqual(state);
  expect(await attacker.run('read', makeOutside())).toBe('EACCES');
});

testSandbox('a file to read: this file, and not its folder', async () => {
  const folder = makeOutside();
  const attacker = await Attacker.open(victims, { read: [path.join(folder, 'secret')] });
  expect(await outcomes(attacker, ['read', 'list a folder', 'append', 'remove a file'], folder)).toEqual({ read: 'reached', 'list a folder': 'EACCES', append: 'EACCES', 'remove a file': 'EACCES' });
});

testSandbox('a folder to write: what is in it, and the folder itself remains', async () => {
  const folder = makeOutside();
  const attacker = await Attacker.open(victims, { write: [folder] });
  const names = ['append', 'make a file', 'make a folder', 'make a symbolic link', 'make a fifo', 'rename', 'remove a folder'];
  expect(Object.values(await outcomes(attacker, names, folder))).toEqual(names.map(() => 'reached'));
  expect(await attacker.run('remove a folder', path.dirname(folder))).not.toBe('reached');
  expect(await attacker.run('make a device', folder)).toBe('EACCES');
  expect(await attacker.run('append', makeOutside())).toBe('EACCES');
});

testSandbox('a granted folder that became a link is not followed after a restart, and the log says so', async () => {
  const parent = realpathSync(temporaryFolder());
  const granted = path.join(parent, 'granted');
  mkdirSync(granted);
  writeFileSync(path.join(granted, 'secret'), 'own');
  const attacker = await Attacker.open(victims, { write: [parent], read: [granted] });
  expect(await attacker.run('read', granted)).toBe('reached');
  const outside = makeOutside();
  renameSync(granted, `${granted}-before`);
  symlinkSync(outside, granted);
  await attacker.restart();
  expect(await attacker.run('read', granted)).toBe('EACCES');
  expect(await attacker.run('read', outside)).toBe('EACCES');
  expect(attacker.log).toContain(`not granted: ${granted} (ELOOP)`);
});

testPorts('a port to connect to: this port by TCP, and nothing else', async () => {
  const attacker = await Attacker.open(victims, { connect: [`127.0.0.1:${victims.port}`] });
  const folder = makeOutside();
  const tcp = ['connect by TCP', 'connect by TCP over IPv6'];
  expect(Object.values(await outcomes(attacker, tcp, folder))).toEqual(['reached', 'reached']);
  const others = ['fast open by sendto', 'fast open by sendmsg', 'send by UDP', 'listen', 'listen without a port', 'connect to a local socket', 'connect to an abstract socket', 'send to a local socket', 'send by a pair of datagram sockets', 'netlink', 'packets', 'raw ICMP', 'MPTCP', 'SCTP', 'vsock', 'crypto sockets'];
  for (const [name, outcome] of Object.entries(await outcomes(attacker, others, folder))) expect([name, outcome]).not.toEqual([name, 'reached']);
  const other = await Attacker.open(victims, { connect: ['127.0.0.1:1'] });
  expect(Object.values(await outcomes(other, tcp, folder))).toEqual(['EACCES', 'EACCES']);
});

testPorts('a port to listen on: no other port, and no connection out', async () => {
  const attacker = await Attacker.open(victims, { listen: [1] });
  expect(await outcomes(attacker, ['listen', 'connect by TCP'], makeOutside())).toEqual({ listen: 'EACCES', 'connect by TCP': 'EACCES' });
});

testSignals('programs to run: these, in the same sandbox, and none leaves its group', async () => {
  // A host with musl grants its own loader. Where it is a guest, the programs of the system need that of glibc.
  const loaders = isMusl ? ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'].filter((path) => existsSync(path)) : [];
  const attacker = await Attacker.open(victims, { run: ['/bin/true', ...loaders].map((path) => realpathSync(path)) });
  const folder = makeOutside();
  expect(await outcomes(attacker, ['posix_spawn', 'fork', 'a shell'], folder)).toEqual({ posix_spawn: 'reached', fork: 'reached', 'a shell': isMusl ? 'EACCES' : 'EIO' }); // system() of glibc says that it cannot run it, that of musl why
  const others = ['a process of its own session', 'a child of the host', "the host's group", 'clone with a namespace', 'kill', 'kill a group', 'kill the host', 'tkill', 'tgkill', 'rt_sigqueueinfo', 'pidfd_send_signal', 'ptrace', 'setpriority of a user', 'read', 'append', 'connect by TCP', 'seccomp'];
  for (const [name, outcome] of Object.entries(await outcomes(attacker, others, folder))) expect([name, outcome]).not.toEqual([name, 'reached']);
});

testSandbox('rules for files in /proc last when the kernel forgets what nobody holds', async () => {
  const attacker = await Attacker.open(victims, {});
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '2');
  } catch {
    return; // this user may not
  }
  expect(readFileSync(`/proc/${attacker.pid ?? 0}/status`, 'utf8')).toContain('Seccomp');
  expect(await outcomes(attacker, ['read the own state', 'read facts about the memory'], makeOutside())).toEqual({
    'read the own state': 'reached',
    'read facts about the memory': 'reached',
  });
});
