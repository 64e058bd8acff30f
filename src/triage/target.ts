import { endianness } from 'node:os';
import { type AbiRange, SUPPORTED_ABI } from '../abi/version.js';
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
