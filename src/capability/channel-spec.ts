import { nearest } from '../errors/index.js';

const MEDIA = ['image', 'audio', 'video', 'document'] as const;
export type ChannelMedia = (typeof MEDIA)[number];

/** The spec of a channel: what it is, and what it can do. */
export interface ChannelSpec {
  /** A name for people. */
  readonly label?: string | undefined;
  /** Messages may belong to a thread: `threadId`. */
  readonly threads?: boolean | undefined;
  /** Messages may have these files: `media`. */
  readonly media?: readonly ChannelMedia[] | undefined;
  /** A message may change an earlier one: `id`. */
  readonly edits?: boolean | undefined;
  /** A message may be a reaction: `reaction`. */
  readonly reactions?: boolean | undefined;
}

/** What a channel can do; what its spec leaves out, it cannot. */
export interface ChannelFeatures {
  readonly threads: boolean;
  readonly media: readonly ChannelMedia[];
  readonly edits: boolean;
  readonly reactions: boolean;
}

const CHECKS: Readonly<Record<keyof ChannelSpec, readonly [expected: string, fits: (value: unknown) => boolean]>> = {
  label: ['1 to 256 characters', (value) => typeof value === 'string' && value !== '' && value.length <= 256],
  threads: ['a boolean', isFlag],
  media: [`a list of ${MEDIA.join(', ')}`, (value) => Array.isArray(value) && value.every((item) => (MEDIA as readonly unknown[]).includes(item))],
  edits: ['a boolean', isFlag],
  reactions: ['a boolean', isFlag],
};
const KEYS = Object.keys(CHECKS) as (keyof ChannelSpec)[];

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

/** The spec without members that are undefined. Unknown keys are refused: a mistyped one must not be ignored. @throws Error */
export function readChannelSpec(spec: unknown): ChannelSpec {
  if (spec === undefined || spec === null) return {};
  if (typeof spec !== 'object' || Array.isArray(spec)) throw new Error('expected an object');
  const given = Object.entries(spec).filter(([, value]) => value !== undefined);
  for (const [key, value] of given) {
    const check = Object.hasOwn(CHECKS, key) ? CHECKS[key as keyof ChannelSpec] : undefined;
    if (check === undefined) throw unknownKey(key);
    const [expected, fits] = check;
    if (!fits(value)) throw new Error(`${key}: expected ${expected}, found ${String(JSON.stringify(value)).slice(0, 100)}`);
  }
  return Object.fromEntries(given);
}

function unknownKey(key: string): Error {
  const meant = nearest(key, KEYS);
  return new Error(`unknown key ${JSON.stringify(key)}${meant === undefined ? '' : ` (did you mean ${meant}?)`}: expected ${KEYS.join(', ')}`);
}

export const featuresOf = ({ threads = false, media = [], edits = false, reactions = false }: ChannelSpec): ChannelFeatures => ({ threads, media, edits, reactions });

/** The spec in the definition of a JavaScript plugin. */
export const channelSpecOf = ({ label, threads, media, edits, reactions }: ChannelSpec): ChannelSpec => ({ label, threads, media, edits, reactions });
