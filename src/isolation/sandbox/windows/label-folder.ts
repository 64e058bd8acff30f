import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Windows: gives a folder that the host made for a plugin a low integrity level, so that its child may write to it. So may other processes of
 * this user that have one. If it fails, the child gets an error when it writes.
 */
export function labelFolder(folder: string): void {
  const icacls = join(process.env.SYSTEMROOT ?? 'C:\\Windows', 'System32', 'icacls.exe');
  spawnSync(icacls, [folder, '/setintegritylevel', '(OI)(CI)low'], { stdio: 'ignore', windowsHide: true });
}
