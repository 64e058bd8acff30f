import { endianness } from 'node:os';
import { type AbiRange, SUPPORTED_ABI } from '../abi/version.js';
import { checked, count, name } from '../options/fields.js';
import { group } from '../options/group.js';
import { readOptions } from '../options/read-options.js';
import type { Libc } from './facts.js';
import { hostLibc } from './host-libc.js';

/** What a library is judged against. Plain data. */
export interface Target {
  /** As `process.platform` has it. */
  readonly platform: string;
  /** As `process.arch` has it. */
  readonly arch: string;
  /** As `os.endianness()` has it. */
  readonly endianness: 'LE' | 'BE';
  /** Undefined where there is only one (macOS, Windows) or it is not known. */
  readonly libc: Libc | undefined;
  /** The ABI versions that are spoken, both ends included. */
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

/** A target that a caller made. @throws LoadError ERR_OPTIONS */
export const readTarget = (given: unknown): Target => {
  const options = readOptions(target, given, 'target');
  return { ...options, libc: options.libc };
};
