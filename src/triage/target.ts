import { endianness } from 'node:os';
import { type AbiRange, SUPPORTED_ABI } from '../abi/version.js';
import { checked, count, name } from '../options/fields.js';
import { group } from '../options/group.js';
import { readOptions } from '../options/read-options.js';
import type { Libc } from './facts.js';
import { hostLibc } from './host-libc.js';

/** The process that a library is judged for. Plain data. */
export interface Target {
  /** As in `process.platform`. */
  readonly platform: string;
  /** As in `process.arch`. */
  readonly arch: string;
  /** As in `os.endianness()`. */
  readonly endianness: 'LE' | 'BE';
  /** Undefined on macOS and Windows, which have only one, and if unknown. */
  readonly libc: Libc | undefined;
  /** The supported ABI versions, inclusive. */
  readonly abi: AbiRange;
}

/** This process. */
export function hostTarget(abi: AbiRange = SUPPORTED_ABI): Target {
  return { platform: process.platform, arch: process.arch, endianness: endianness(), libc: hostLibc(), abi };
}

const target = group<Target>(
  {
    platform: name('a platform, as process.platform has it'),
    arch: name('an architecture, as process.arch has it'),
    endianness: checked("'LE' or 'BE'", (value) => value === 'LE' || value === 'BE'),
    libc: checked('what hostTarget().libc is', (value) => typeof value === 'object' && value !== null),
    abi: group<AbiRange>({ min: count(0), max: count(0) }, { required: ['min', 'max'] }),
  },
  { required: ['platform', 'arch', 'endianness', 'abi'] },
);

/** Validates a target from a caller. @throws LoadError ERR_OPTIONS */
export const readTarget = (given: unknown): Target => {
  const { libc, ...options } = readOptions(target, given, 'target');
  const version = libc !== undefined && Object.hasOwn(libc, 'version') ? libc.version : undefined;
  return { ...options, libc: libc && { flavour: libc.flavour, version } };
};
