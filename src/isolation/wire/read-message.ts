import * as z from 'zod';
import { CAPABILITY_KINDS, LOG_LEVELS } from '../../abi/constants.js';
import { STEPS } from '../../errors/index.js';
import { parseOwn, prepared } from '../../options/parse-own.js';
import type { TraceEntry } from '../../report/trace.js';
import { InvocationErrorRecord, RequestErrorCode, RequestErrorRecord } from './error-record-shape.js';
import type { MessageReading } from './frames.js';
import type { BinaryChildMessage, ChildMessage, RegisteredCapabilities } from './messages.js';

const id = z.int().min(1);
const plugin = z.int().min(0);
const word = z.string().max(128);
const phrase = z.string().max(8192);
const step = z.enum(STEPS);
const kind = z.enum(CAPABILITY_KINDS);

const TracedStep = z.strictObject({
  step,
  check: word,
  decision: z.enum(['passed', 'refused', 'noted']),
  expected: phrase.exactOptional(),
  found: phrase.exactOptional(),
  code: RequestErrorCode.exactOptional(),
  hint: phrase.exactOptional(),
  durationMs: z.number().min(0),
}) satisfies z.ZodType<TraceEntry>;

type Members<M> = { readonly [K in Exclude<keyof M, 'type'>]: z.ZodType<M[K]> };

type JsonMessage = Exclude<ChildMessage, BinaryChildMessage>;

/** The members of each message of a child that has a header of JSON, except its type. */
const MEMBERS = {
  ready: { version: z.int(), usesMessages: z.literal(true).exactOptional(), listener: z.int().min(0).exactOptional(), rules: z.array(z.tuple([phrase, z.int()])).exactOptional() },
  step: { request: id, step },
  traced: { request: id, entry: TracedStep },
  loaded: { request: id, isThreadSafe: z.boolean() },
  done: { request: id },
  failed: { request: id, error: RequestErrorRecord },
  failure: { id, error: InvocationErrorRecord, stillRunning: z.boolean() },
  log: { plugin, level: z.enum(LOG_LEVELS) },
  event: { plugin, step, message: phrase },
  call: { plugin, call: id, kind, name: word, method: word, parent: z.int().min(0), inside: z.boolean() },
  pong: {},
  fatal: { reason: word },
  notNode: {},
} satisfies { readonly [T in JsonMessage['type']]: Members<Extract<JsonMessage, { readonly type: T }>> };

const shapes = Object.entries(MEMBERS).map(([type, members]) => z.strictObject({ type: z.literal(type), ...members }));
const Message = prepared(z.discriminatedUnion('type', shapes as [(typeof shapes)[number]])) as unknown as z.ZodType<JsonMessage>;

/** A manifest cannot declare more names. */
const MAX_CAPABILITIES = 10_000;
const Capabilities = z.array(z.strictObject({ kind, name: word, description: phrase, spec: z.unknown().optional(), isInline: z.boolean().default(false) }));

/** How a host reads the messages of a child. */
export const FROM_CHILD: MessageReading<ChildMessage> = {
  binaryTypes: new Set(['pending', 'chunk', 'result', 'returned']),
  readJson: (header) => parseOwn(Message, header).data,
};

/** Parses the payload that answers `register`, and numbers the capabilities. Returns `undefined` if it is not valid. */
export function readCapabilities(payload: string): RegisteredCapabilities | undefined {
  try {
    const list: unknown = JSON.parse(payload);
    // Checked first: zod would report every item of a list of millions.
    if (!Array.isArray(list) || list.length > MAX_CAPABILITIES) return undefined;
    return parseOwn(Capabilities, list).data?.map(({ kind, name, description, spec, isInline }, index) => ({ kind, name, description, spec, isInline, index }));
  } catch {
    return undefined;
  }
}
