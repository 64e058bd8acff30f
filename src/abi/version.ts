/** The newest ABI version this package speaks; equal to AISOPOD_ABI_VERSION of the header. */
export const ABI_VERSION = 1;

/** The ABI versions this package speaks (rule 3 of docs/abi.md), both ends included. */
export const SUPPORTED_ABI = { min: 1, max: ABI_VERSION } as const;

export interface AbiRange {
  readonly min: number;
  readonly max: number;
}

export const speaksAbi = (version: number, range: AbiRange = SUPPORTED_ABI): boolean =>
  version >= range.min && version <= range.max;
