/*
 * V8 compiles a regular expression, and a function, in one go that nothing can stop. So neither may be long, and both
 * happen when a schema is compiled, not when the first value is judged. A mebibyte is 1000 properties, or 300 of the
 * costliest keyword inside each other, and takes half a second.
 */
const MAX_PATTERN = 4096;
const MAX_CODE = 1 << 20;

/** Ajv calls it for each pattern of a schema, and has the code that it makes do as `code` says. @throws Error */
export function checkedPattern(pattern: string, flags: string): RegExp {
  if (pattern.length > MAX_PATTERN) throw new Error(`a pattern of ${pattern.length} characters is over the limit of ${MAX_PATTERN}`);
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    // Patterns with escapes such as \_ or \- are common, and legal without the u flag.
    if (!(error instanceof SyntaxError)) throw error;
    return new RegExp(pattern);
  }
}
checkedPattern.code = 'new RegExp';

/** What is left for the schema that is being compiled; there is only ever one. */
let codeLeft = 0;

/** Before a schema is compiled. */
export function resetCodeLimit(): void {
  codeLeft = MAX_CODE;
}

/** Ajv calls it for the code of each function that it makes, `const … = scope…; return function …`. @throws Error */
export function limitedCode(code: string): string {
  codeLeft -= code.length;
  if (codeLeft < 0) throw new Error(`it makes more than ${MAX_CODE} characters of code`);
  // V8 compiles a function in brackets at once, and any other when it is first called: that would be a value's time.
  return `${code.replace('return ', 'return (')})`;
}
