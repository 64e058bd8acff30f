import type { KeyObject } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { LoadError } from '../errors/index.js';
import { expandHome } from '../scan/index.js';
import { publicKeys, type Key } from './keys.js';
import { LOCK_FILENAME } from './lock.js';

/** `require` refuses a plugin that fails the check, `warn` says so in the log and the trace, `off` does not check. */
export type Strictness = 'off' | 'warn' | 'require';

/** Which plugins a host runs. Each setting is explained in docs/security.md. */
export interface TrustOptions {
  /** Ids; no other plugin is loaded. Default: all are. */
  readonly allow?: readonly string[];
  /** Ids that are never loaded, whatever `allow` says. Default: none. */
  readonly deny?: readonly string[];
  /** Links may lead the manifest, the library and other files out of the plugin folder. Default false. */
  readonly allowOutside?: boolean;
  /** That only this user and root can replace the plugin (POSIX). Default `require`. */
  readonly ownership?: Strictness;
  /** That every file is the one in the lock file. With `require`, a private copy is loaded. Default `off`. */
  readonly locked?: Strictness;
  /** One lock for all plugins; `~` expands. Default: `aisopod-plugins.lock` beside each plugin's folder. */
  readonly lockFile?: string;
  /** That one of `keys` signed every file. With `require`, a private copy is loaded. Default `off`. */
  readonly signatures?: Strictness;
  /** Public Ed25519 keys of authors. */
  readonly keys?: readonly Key[];
  /** Where private copies are made, also those that an update needs, on a file system that allows execution; `~` expands. Default: the system's temporary folder. */
  readonly copyDir?: string;
}

/** TrustOptions, checked and filled in. */
export interface Trust {
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[];
  readonly allowOutside: boolean;
  readonly ownership: Strictness;
  readonly locked: Strictness;
  readonly lockFileOf: (pluginFolder: string) => string;
  readonly signatures: Strictness;
  readonly keys: readonly KeyObject[];
  readonly copyDir: string;
}

/** @throws LoadError ERR_TRUST_OPTIONS for a key that is no public Ed25519 key, and for signatures wanted without any key */
export function readTrustOptions(options: TrustOptions = {}): Trust {
  const { signatures = 'off', lockFile } = options;
  const keys = publicKeys(options.keys ?? []);
  for (const option of ['ownership', 'locked', 'signatures'] as const) requireStrictness(option, options[option]);
  if (signatures !== 'off' && keys.length === 0) {
    throw new LoadError('ERR_TRUST_OPTIONS', { option: 'keys', expected: `a public key, as signatures is ${signatures}`, found: 'none' });
  }
  return {
    allow: options.allow,
    deny: options.deny ?? [],
    allowOutside: options.allowOutside ?? false,
    ownership: options.ownership ?? 'require',
    locked: options.locked ?? 'off',
    lockFileOf: (folder) => resolve(lockFile === undefined ? join(dirname(folder), LOCK_FILENAME) : expandHome(lockFile)),
    signatures,
    keys,
    copyDir: resolve(options.copyDir === undefined ? tmpdir() : expandHome(options.copyDir)),
  };
}

/** A mistyped word must not turn a check off. */
function requireStrictness(option: string, value: string | undefined): void {
  if (value === undefined || ['off', 'warn', 'require'].includes(value)) return;
  throw new LoadError('ERR_TRUST_OPTIONS', { option, expected: 'off, warn or require', found: value });
}
