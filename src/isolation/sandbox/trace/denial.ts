import type { PermissionKey } from '../../../report/permissions.js';

/** What the sandbox denied a plugin. */
export interface Denial {
  /** The name of the system call: `openat`. */
  readonly call: string;
  /** The path or the endpoint that it was about, if that is known. */
  readonly target?: string;
  /** The permission that would allow it; absent if none would. */
  readonly key?: PermissionKey;
}

/** In one line, with what to write into the manifest. */
export function describeDenial({ call, target, key }: Denial): string {
  const what = target === undefined ? call : `${call} ${target}`;
  if (key === undefined) return `${what}: denied in every sandbox (docs/sandbox.md, "What stops working for a plugin")`;
  return `${what}: not granted; \`[permissions] ${key} = [${itemOf(key, target)}]\``;
}

function itemOf(key: PermissionKey, target: string | undefined): string {
  if (key === 'listen') return target?.slice(target.lastIndexOf(':') + 1) ?? 'PORT';
  const unknown = { connect: 'HOST:PORT', run: 'PROGRAM' } as const;
  return JSON.stringify(target ?? unknown[key as keyof typeof unknown] ?? 'PATH');
}
