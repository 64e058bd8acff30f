/** The newest supported ABI version; equal to AISOPOD_ABI_VERSION of the header. */
export const ABI_VERSION = 1;

/** The range of supported ABI versions, inclusive (rule 3 of docs/abi.md). */
export const SUPPORTED_ABI = { min: 1, max: ABI_VERSION } as const;

export interface AbiRange {
  readonly min: number;
  readonly max: number;
}

/** `1`, or `1 to 3`. */
export const abiRangeText = ({ min, max }: AbiRange = SUPPORTED_ABI): string => (min === max ? String(min) : `${min} to ${max}`);

export const speaksAbi = (version: number, range: AbiRange = SUPPORTED_ABI): boolean =>
  version >= range.min && version <= range.max;
