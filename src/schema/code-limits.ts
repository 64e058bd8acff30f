/*
 * Nothing can stop V8 while it compiles a regular expression or a function. So neither may be long, and both are compiled
 * with the schema, not at the first check. A mebibyte of code is about 1000 properties, or 300 levels of the costliest
 * keyword, and takes V8 half a second.
 */
const MAX_PATTERN = 4096;
const MAX_CODE = 1 << 20;

/** Ajv calls this for each pattern of a schema, and writes `code` into the code that it generates. @throws Error */
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

/** Characters left for the schema that is being compiled. Only one is compiled at a time. */
let codeLeft = 0;

/** Call this before compiling a schema. */
export function resetCodeLimit(): void {
  codeLeft = MAX_CODE;
}

/** Ajv calls this with the code of each function that it generates: `const … = scope…; return function …`. @throws Error */
export function limitedCode(code: string): string {
  codeLeft -= code.length;
  if (codeLeft < 0) throw new Error(`schema compiles to more than ${MAX_CODE} characters of code`);
  // V8 compiles a function in brackets at once, any other at its first call: within the time limit of that check.
  return `${code.replace('return ', 'return (')})`;
}
