import type { KeyObject } from 'node:crypto';
import { dirname, join } from 'node:path';
import { LoadError } from '../errors/index.js';
import { checkedBeside, checkedSecret, listOf, name, path, trueOrFalse } from '../options/fields.js';
import { pathOption, temporaryFolder } from '../options/folders.js';
import { group } from '../options/group.js';
import { readOptions } from '../options/read-options.js';
import { isKey, publicKeys, type Key } from './keys.js';
import { LOCK_FILENAME } from './lock.js';

/** `require` refuses a plugin that fails the check, `warn` only logs and traces it, `off` does not check. */
export type Strictness = 'off' | 'warn' | 'require';

/** Which plugins a host loads. docs/security.md explains each option. */
export interface TrustOptions {
  /** The ids of the plugins that may be loaded. Default: all. */
  readonly allow?: readonly string[];
  /** The ids of plugins that are never loaded, even if `allow` names them. Default: none. */
  readonly deny?: readonly string[];
  /** Allow symbolic links in the plugin folder that lead out of it. Default false. */
  readonly allowOutside?: boolean;
  /** Check that only this user and root can replace the plugin (POSIX). Default `require`. */
  readonly ownership?: Strictness;
  /** Check every file against the lock file. With `require`, a private copy is loaded. Default `off`. */
  readonly locked?: Strictness;
  /** One lock for all plugins; `~` expands. Default: `aisopod-plugins.lock` beside each plugin folder. */
  readonly lockFile?: string;
  /** Check that one of `keys` signed every file. With `require`, a private copy is loaded. Default `off`. */
  readonly signatures?: Strictness;
  /** Public Ed25519 keys of plugin authors. */
  readonly keys?: readonly Key[];
  /** The folder for the private copies from which plugins run. Its file system must allow execution. `~` expands. Default: the system's temporary folder. */
  readonly copyDir?: string;
}

/** TrustOptions, validated and with defaults. */
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

const NAMES: readonly (keyof TrustOptions)[] = ['allow', 'deny', 'allowOutside', 'ownership', 'locked', 'lockFile', 'signatures', 'keys', 'copyDir'];
const strictness = checkedBeside<Strictness>('off, warn or require', NAMES, (value) => ['off', 'warn', 'require'].includes(value as string));
const ids = listOf(name('a plugin id'), 'an array of plugin ids');

/** `publicKeys` checks the keys themselves. */
export const trustOption = group<TrustOptions>({
  allow: ids,
  deny: ids,
  allowOutside: trueOrFalse,
  ownership: strictness,
  locked: strictness,
  lockFile: path('a file'),
  signatures: strictness,
  keys: listOf(checkedSecret<Key>('an Ed25519 public key, as PEM or KeyObject', isKey), 'an array of public keys'),
  copyDir: path('a folder'),
});

/**
 * @throws LoadError ERR_OPTIONS, ERR_TRUST_OPTIONS: an unknown name or a wrong value, a key that is not a public Ed25519
 * key, or no keys although `signatures` is on
 */
export function readTrustOptions(given: TrustOptions = {}): Trust {
  const options = readOptions(trustOption, given, 'trust');
  const { signatures = 'off', lockFile } = options;
  const keys = publicKeys(options.keys ?? [], 'keys');
  if (signatures !== 'off' && keys.length === 0) {
    throw new LoadError('ERR_TRUST_OPTIONS', { option: 'keys', expected: `a public key, as signatures is ${signatures}`, found: 'none' });
  }
  return {
    allow: options.allow,
    deny: options.deny ?? [],
    allowOutside: options.allowOutside ?? false,
    ownership: options.ownership ?? 'require',
    locked: options.locked ?? 'off',
    lockFileOf: (folder) => lockFile ?? join(dirname(folder), LOCK_FILENAME),
    signatures,
    keys,
    copyDir: options.copyDir ?? pathOption('trust.copyDir', temporaryFolder()),
  };
}
