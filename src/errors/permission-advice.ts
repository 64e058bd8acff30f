import { systemCode } from './system-code.js';

/** Node's flag for each permission that this package may need. */
const FLAGS: Readonly<Record<string, string>> = {
  ChildProcess: '--allow-child-process',
  FileSystemRead: '--allow-fs-read',
  FileSystemWrite: '--allow-fs-write',
  WorkerThreads: '--allow-worker',
};

/** What to do if Node's permission model (`node --permission`) refused an operation; `undefined` for any other error. */
export function permissionAdvice(error: unknown): string | undefined {
  if (systemCode(error) !== 'ERR_ACCESS_DENIED') return undefined;
  const { permission, resource } = error as { readonly permission?: unknown; readonly resource?: unknown };
  const flag = FLAGS[String(permission)];
  if (flag === undefined) return `Start Node with the permission ${String(permission)}, or without --permission.`;
  const path = flag.startsWith('--allow-fs') && typeof resource === 'string' && resource !== '' ? ` for ${resource}` : '';
  return `Start Node with ${flag}${path}, or without --permission.`;
}
