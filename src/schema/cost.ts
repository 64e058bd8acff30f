/** Up to here a schema is short, in characters of its JSON. */
const SHORT = 4096;

/**
 * Keywords with which judging a value can take more than each part of the schema once for each part of the value:
 * patterns may try every way to match, references may lead to the same place by more ways than can be counted or without
 * end, and items are compared each with each. All others look once at what they are for, however they nest. A property
 * of such a name is taken for the keyword, which costs it a little time and nothing else.
 */
const COSTLY = /"(?:pattern|patternProperties|\$ref|\$dynamicRef|\$recursiveRef|uniqueItems)":/;

/** Of such a product at most 0.2 s. */
const MOST_UNWATCHED = 8 << 20;

/** Milliseconds, for schemas and values that are written in good faith; the costliest take a tenth of it. */
const COMPILING_MS = 1000;
const JUDGING_MS = 250;
/** Of a value's JSON: reading a large value takes its time, and the host reads it anyway. */
const CHARACTERS_PER_MS = 50_000;

/** What may be spent on a schema, which a plugin wrote. */
export interface SchemaCost {
  /** Milliseconds to compile it, or `undefined` where that cannot take long. */
  readonly compilingMs: number | undefined;
  /** Milliseconds to judge a value whose JSON has so many characters, or `undefined` where that cannot take long. */
  readonly judgingMs: (length: number) => number | undefined;
}

/** Of a schema as JSON.stringify writes it. */
export function costOf(schemaJson: string): SchemaCost {
  const isPlain = !COSTLY.test(schemaJson);
  const most = isPlain ? MOST_UNWATCHED / schemaJson.length : -1;
  return {
    compilingMs: isPlain && schemaJson.length <= SHORT ? undefined : COMPILING_MS,
    judgingMs: (length) => (length <= most ? undefined : JUDGING_MS + Math.floor(length / CHARACTERS_PER_MS)),
  };
}
