import { readFile } from 'node:fs/promises';

/**
 * True where nobody but `uid` is in the group: then its write permission (umask 002) gives nothing away.
 * By the custom that both have one number, else by the system's own lists. A group that these do not name (a network's, or
 * those of macOS, which keeps its users elsewhere) may have any members.
 */
export async function isPrivateGroup(gid: number, uid: number): Promise<boolean> {
  if (gid === uid) return true;
  if (process.platform !== 'linux') return false;
  const [groups, users] = await Promise.all([records('/etc/group'), records('/etc/passwd')]);
  const owner = users.find((user) => user[2] === String(uid));
  const group = groups.find((record) => record[2] === String(gid));
  if (owner?.[3] !== String(gid) || group === undefined) return false;
  const others = users.some((user) => user[3] === String(gid) && user[2] !== String(uid));
  const members = (group[3] ?? '').split(',').filter(Boolean);
  return !others && members.every((member) => member === owner[0]);
}

async function records(file: string): Promise<string[][]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').map((line) => line.split(':'));
}
