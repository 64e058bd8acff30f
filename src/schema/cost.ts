/** A schema up to this length, in characters of its JSON, is short. */
const SHORT = 4096;

/**
 * Keywords that may visit a part of the value more than once for each part of the schema: a pattern may backtrack,
 * references may multiply or recurse, and `uniqueItems` compares each item with every other. All other keywords visit it once,
 * however they nest. A property with one of these names counts as the keyword, which only costs a little time.
 */
const COSTLY = /"(?:pattern|patternProperties|\$ref|\$dynamicRef|\$recursiveRef|uniqueItems)":/;

/** Length of the schema times length of the value; such a check takes at most 0.2 s. */
const MAX_UNTIMED = 8 << 20;

/** Milliseconds. The costliest legitimate schemas and values take a tenth of this. */
const COMPILE_MS = 1000;
const CHECK_MS = 250;
/** Extra time for a large value: the host spends as long on parsing it. */
const CHARACTERS_PER_MS = 50_000;

/** Time limits for a schema that a plugin wrote. */
export interface SchemaCost {
  /** Milliseconds to compile it; `undefined` if that cannot take long. */
  readonly compileMs: number | undefined;
  /** Milliseconds to check a value whose JSON has that many characters; `undefined` if that cannot take long. */
  readonly checkMs: (length: number) => number | undefined;
}

/** `schemaJson` is the output of JSON.stringify. */
export function costOf(schemaJson: string): SchemaCost {
  const isPlain = !COSTLY.test(schemaJson);
  const maxUntimed = isPlain ? MAX_UNTIMED / schemaJson.length : -1;
  return {
    compileMs: isPlain && schemaJson.length <= SHORT ? undefined : COMPILE_MS,
    checkMs: (length) => (length <= maxUntimed ? undefined : CHECK_MS + Math.floor(length / CHARACTERS_PER_MS)),
  };
}
