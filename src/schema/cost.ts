/** A schema up to this length, in characters of its JSON, is short. */
const SHORT = 4096;

/**
 * Keywords with which a check may take more than one look at each part of the value per part of the schema: a pattern may
 * try every way to match, references may multiply or recurse, and `uniqueItems` compares each item with each. All other
 * keywords look once, however they nest. A property of such a name is taken for the keyword: that costs a little time and
 * nothing else.
 */
const COSTLY = /"(?:pattern|patternProperties|\$ref|\$dynamicRef|\$recursiveRef|uniqueItems)":/;

/** Length of the schema times length of the value; such a check takes at most 0.2 s. */
const MAX_UNTIMED = 8 << 20;

/** Milliseconds. The costliest schemas and values that are meant well take a tenth of this. */
const COMPILE_MS = 1000;
const CHECK_MS = 250;
/** More time for a large value: the host spends as long on parsing it. */
const CHARACTERS_PER_MS = 50_000;

/** Time limits for a schema that a plugin wrote. */
export interface SchemaCost {
  /** Milliseconds to compile it; `undefined` if that cannot take long. */
  readonly compileMs: number | undefined;
  /** Milliseconds to check a value whose JSON has that many characters; `undefined` if that cannot take long. */
  readonly checkMs: (length: number) => number | undefined;
}

/** Takes the schema as JSON.stringify writes it. */
export function costOf(schemaJson: string): SchemaCost {
  const isPlain = !COSTLY.test(schemaJson);
  const maxUntimed = isPlain ? MAX_UNTIMED / schemaJson.length : -1;
  return {
    compileMs: isPlain && schemaJson.length <= SHORT ? undefined : COMPILE_MS,
    checkMs: (length) => (length <= maxUntimed ? undefined : CHECK_MS + Math.floor(length / CHARACTERS_PER_MS)),
  };
}
