import { ownBuffer } from '../../library/index.js';
import { attempt, demand, words } from './kernel.js';

const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const [PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL] = [47, 4];
const CAPABILITY_VERSION_3 = 0x2008_0522;
const MAX_CAPABILITIES = 64;

/** Gives up the capabilities of this thread, for what it becomes too: a host that runs as root has all of them. @throws Error */
export function dropPrivileges(): void {
  // Fails at the first number that the kernel does not know, and for a process that has no capability to drop others.
  for (let capability = 0; capability < MAX_CAPABILITIES && attempt('prctl', PR_CAPBSET_DROP, capability) === 0; capability++);
  attempt('prctl', PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
  const header = ownBuffer(8);
  header.writeUInt32LE(CAPABILITY_VERSION_3);
  demand('capset', header, words(0, 0, 0));
  // Also needed for filters. A program with set-user-ID gets no rights.
  demand('prctl', PR_SET_NO_NEW_PRIVS, 1);
}

const RLIMIT_CORE = 4;

/** A core file has the memory of the plugin, and could be written to any folder. */
export function forbidCoreFiles(): void {
  attempt('prlimit64', 0, RLIMIT_CORE, words(0, 0), 0);
}
