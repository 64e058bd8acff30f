import { randomUUID } from 'node:crypto';
import { accessSync, constants, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether the system may run files in `folder`, which must be writable: false if it is mounted `noexec`. Windows has no such mounts. */
export function mayRunFrom(folder: string): boolean {
  const probe = join(folder, `.probe-${randomUUID()}`);
  try {
    writeFileSync(probe, '', { mode: 0o700, flag: 'wx' });
    accessSync(probe, constants.X_OK);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { force: true });
  }
}
