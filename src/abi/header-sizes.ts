/** Struct sizes in bytes, as in a plugin note. */
export interface HeaderSizes {
  readonly pluginSize: number;
  readonly hostSize: number;
  readonly capabilitySize: number;
  readonly requestSize: number;
  readonly replySize: number;
  readonly metaSize: number;
  readonly initSize: number;
  readonly logSize: number;
  readonly chunkSize: number;
  readonly completionSize: number;
  readonly callSize: number;
}

const VERSION_1: HeaderSizes = {
  pluginSize: 64,
  hostSize: 64,
  capabilitySize: 64,
  requestSize: 72,
  replySize: 56,
  metaSize: 40,
  initSize: 48,
  logSize: 24,
  chunkSize: 40,
  completionSize: 40,
  callSize: 72,
};
/** Adds the context of a call to aisopod_request. */
const VERSION_2: HeaderSizes = { ...VERSION_1, requestSize: 88 };

/** Struct sizes by header version. A published entry never changes; a new header version adds one. */
export const HEADER_SIZES: ReadonlyMap<number, HeaderSizes> = new Map([
  [1, VERSION_1],
  [2, VERSION_2],
]);

/** The newest known header version. */
export const HEADER_VERSION = Math.max(...HEADER_SIZES.keys());
