import { z } from 'zod';
import { CAPABILITY_KINDS, LOG_LEVELS, TAGS } from '../../abi/constants.js';
import { STEPS } from '../../errors/index.js';
import { parseOwn, prepared } from '../../options/parse-own.js';
import type { TraceEntry } from '../../report/trace.js';
import { InvocationErrorRecord, RequestErrorCode, RequestErrorRecord } from './error-record-shape.js';
import type { ChildMessage, RegisteredCapabilities } from './messages.js';

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

const Message = prepared(z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready'), version: z.int() }),
  z.strictObject({ type: z.literal('step'), request: id, step }),
  z.strictObject({ type: z.literal('traced'), request: id, entry: TracedStep }),
  z.strictObject({ type: z.literal('loaded'), request: id, isThreadSafe: z.boolean(), wantsOneThread: z.boolean() }),
  z.strictObject({ type: z.literal('done'), request: id }),
  z.strictObject({ type: z.literal('failed'), request: id, error: RequestErrorRecord }),
  z.strictObject({ type: z.literal('result'), id }),
  z.strictObject({ type: z.literal('failure'), id, error: InvocationErrorRecord, stillRunning: z.boolean() }),
  z.strictObject({ type: z.literal('returned'), id }),
  z.strictObject({ type: z.literal('pending'), id }),
  z.strictObject({ type: z.literal('chunk'), id, tag: z.enum(TAGS), isText: z.boolean() }),
  z.strictObject({ type: z.literal('log'), plugin, level: z.enum(LOG_LEVELS) }),
  z.strictObject({ type: z.literal('event'), plugin, step, message: phrase }),
  z.strictObject({ type: z.literal('call'), plugin, call: id, kind, name: word, method: word, parent: z.int().min(0), inside: z.boolean() }),
  z.strictObject({ type: z.literal('pong') }),
  z.strictObject({ type: z.literal('hopeless'), reason: word }),
  z.strictObject({ type: z.literal('notNode') }),
])) satisfies z.ZodType<ChildMessage>;

/** More names no manifest declares. */
const MOST_CAPABILITIES = 10_000;
const Capabilities = z.array(z.strictObject({ kind, name: word, description: phrase, spec: z.unknown().optional(), isInline: z.boolean().default(false) }));

/** A message from the child, or `undefined` where it is none. */
export function readChildMessage(header: unknown): ChildMessage | undefined {
  return parseOwn(Message, header).data;
}

/** The payload that answers `register`, or `undefined` where it is something else. */
export function readCapabilities(payload: string): RegisteredCapabilities | undefined {
  try {
    const list: unknown = JSON.parse(payload);
    // Looked at first: a schema has a word to say on each of millions.
    if (!Array.isArray(list) || list.length > MOST_CAPABILITIES) return undefined;
    return parseOwn(Capabilities, list).data?.map(({ kind, name, description, spec, isInline }) => ({ kind, name, description, spec, isInline }));
  } catch {
    return undefined;
  }
}
