/** Constants of the header. */
export const CAPABILITY_KINDS = ['tool', 'command', 'hook', 'channel', 'provider'] as const;
export type CapabilityKind = (typeof CAPABILITY_KINDS)[number];

/** AISOPOD_KIND_…: 1 is a tool, 5 a provider; `undefined` for other numbers. */
export const kindOf = (number: number): CapabilityKind | undefined => CAPABILITY_KINDS[number - 1];

export const Format = { JSON: 1, BYTES: 2 } as const;

export const TAGS = ['none', 'stdout', 'stderr', 'delta', 'message', 'progress'] as const;
/** The tag of a chunk, for kinds that send several sorts of chunks. */
export type ChunkTag = (typeof TAGS)[number];
export const tagOf = (number: number): ChunkTag | undefined => TAGS[number];

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export const PluginFlag = { THREAD_SAFE: 1, ONE_THREAD: 2 } as const;
export const CapabilityFlag = { INLINE: 1 } as const;

/** Limits in bytes (rule 5), and the nesting depth of calls (rule 12). */
export const MAX_NAME = 128;
export const MAX_DESCRIPTION = 8192;
export const MAX_SPEC = 262_144;
export const MAX_NESTING = 16;
/** Bytes of a state that a generation hands over to the next one. */
export const MAX_STATE = 16 << 20;
/** Nesting depth of lists and objects in a spec. */
export const MAX_SPEC_DEPTH = 512;
/** No struct of the contract is, or will ever be, larger (rule 6). */
export const MAX_STRUCT = 4096;
/** A log line longer than this is cut. */
export const MAX_LOG_LINE = 65_536;

export const Extension = { RECONFIGURE: 'aisopod.reconfigure/1', HANDOVER: 'aisopod.handover/1' } as const;
