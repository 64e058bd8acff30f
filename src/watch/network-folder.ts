import { statfs } from 'node:fs/promises';

/** Linux: the numbers of file systems on which other machines write without a notification to this one (statfs(2)). */
const REMOTE = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xfe534d42, // SMB 2 and 3
  0xff534d42, // CIFS
  0x01021997, // 9p: WSL, virtual machines
  0x65735546, // FUSE: sshfs and the like, virtiofs
  0x786f4256, // shared folders of VirtualBox
  0x00c36400, // Ceph
  0x5346414f, // AFS
  0x01161970, // GFS2
  0x7461636f, // OCFS2
]);

/** Whether changes by other machines in this folder go unnoticed by `fs.watch`. False if that is unknown. */
export async function isNetworkFolder(path: string): Promise<boolean> {
  if (process.platform === 'win32') return path.startsWith('\\\\');
  if (process.platform !== 'linux') return false;
  return statfs(path).then(
    ({ type }) => REMOTE.has(type),
    () => false,
  );
}
