import { readFile } from 'node:fs/promises';

/**
 * True if `uid` is the only member of the group, so that group write permission (umask 002) is harmless. By convention a
 * user's private group has the user's number; otherwise /etc/group and /etc/passwd decide. A group that is not in them (network
 * directories, macOS) may have any members.
 */
export async function isPrivateGroup(gid: number, uid: number): Promise<boolean> {
  if (gid === uid) return true;
  if (process.platform !== 'linux') return false;
  const [groups, users] = await Promise.all([text('/etc/group'), text('/etc/passwd')]);
  return isOnlyMember(uid, gid, groups, users);
}

const text = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** Decides by the contents of group(5) and passwd(5), either of which may list a group several times. */
export function isOnlyMember(uid: number, gid: number, groupFile: string, userFile: string): boolean {
  const groups = records(groupFile).filter((record) => record[2] === String(gid));
  const users = records(userFile).filter((record) => record[3] === String(gid));
  const [owner] = users;
  if (groups.length === 0 || owner === undefined) return false;
  const members = groups.flatMap((record) => (record[3] ?? '').split(',').filter(Boolean));
  return users.every((user) => user[2] === String(uid)) && members.every((member) => member === owner[0]);
}

const records = (file: string): string[][] => file.split('\n').map((line) => line.split(':'));
