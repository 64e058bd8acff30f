/**
 * What a host tells a plugin about one call, beside its input: a JSON object. The keys below mean the same in every host; all others are
 * the host's own.
 */
export interface InvocationContext {
  /** The agent that makes the call. */
  readonly agentId?: string | undefined;
  /** The conversation that the call belongs to. */
  readonly sessionKey?: string | undefined;
  /** The person on whose behalf the call is made. */
  readonly userId?: string | undefined;
  /** The request in the host's own records. */
  readonly requestId?: string | undefined;
  /** The folder that the agent works in, an absolute path. */
  readonly workspace?: string | undefined;
  /** The language of the person, as a BCP 47 tag: `de-CH`. */
  readonly locale?: string | undefined;
  /** The trace that the call belongs to, as in the W3C header of this name. */
  readonly traceparent?: string | undefined;
  readonly [key: string]: unknown;
}

/** Of the JSON text. */
export const MAX_CONTEXT_BYTES = 65_536;
/** Levels of lists and objects inside each other, the context itself included. */
export const MAX_CONTEXT_DEPTH = 64;
/** The keys that mean the same in every host. Their values are strings. */
export const STANDARD_CONTEXT_KEYS = ['agentId', 'sessionKey', 'userId', 'requestId', 'workspace', 'locale', 'traceparent'] as const;

/** The JSON text of each context that `parseContext` made. */
const texts = new WeakMap<InvocationContext, string>();

/** The context in this JSON text of an object. It is frozen, so its text stays right. @throws RangeError if it is nested too deep */
export function parseContext(json: string): InvocationContext {
  const context = freeze(JSON.parse(json) as InvocationContext, MAX_CONTEXT_DEPTH);
  texts.set(context, json);
  return context;
}

/** The JSON text of a context that `parseContext` made. */
export const contextJson = (context: InvocationContext | undefined): string | undefined => (context === undefined ? undefined : texts.get(context));

function freeze<T extends object>(value: T, levels: number): T {
  if (levels === 0) throw new RangeError('nested too deep');
  for (const inner of Object.values(value) as unknown[]) if (typeof inner === 'object' && inner !== null) freeze(inner, levels - 1);
  return Object.freeze(value);
}
