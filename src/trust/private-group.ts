import { readFile } from 'node:fs/promises';

/**
 * True where nobody but `uid` is in the group: then its write permission (umask 002) gives nothing away.
 * By the custom that both have one number, else by the system's own lists. A group that these do not name (a network's, or
 * those of macOS, which keeps its users elsewhere) may have any members.
 */
export async function isPrivateGroup(gid: number, uid: number): Promise<boolean> {
  if (gid === uid) return true;
  if (process.platform !== 'linux') return false;
  const [groups, users] = await Promise.all([text('/etc/group'), text('/etc/passwd')]);
  return isAlone(uid, gid, groups, users);
}

const text = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** By the contents of group(5) and passwd(5): it is the user's own group, and nobody else's, in whatever line. */
export function isAlone(uid: number, gid: number, groupFile: string, userFile: string): boolean {
  const groups = records(groupFile).filter((record) => record[2] === String(gid));
  const users = records(userFile).filter((record) => record[3] === String(gid));
  const [owner] = users;
  if (groups.length === 0 || owner === undefined) return false;
  const members = groups.flatMap((record) => (record[3] ?? '').split(',').filter(Boolean));
  return users.every((user) => user[2] === String(uid)) && members.every((member) => member === owner[0]);
}

const records = (file: string): string[][] => file.split('\n').map((line) => line.split(':'));
