/** The spec of a command. */
export interface CommandSpec {
  /** One line, such as `greet NAME [EXIT_CODE]`. */
  readonly usage?: string | undefined;
  readonly requiresAuthorization?: boolean | undefined;
}

const TYPES = { usage: 'string', requiresAuthorization: 'boolean' } as const;

/**
 * Does not use zod, because child processes check this too and start a fifth faster without it. Unknown keys are refused: a
 * mistyped `requiresAuthorization` must not be ignored.
 * @throws Error if the spec is not `{ usage?, requiresAuthorization? }`
 */
export function readCommandSpec(spec: unknown): CommandSpec {
  if (spec === undefined || spec === null) return {};
  if (typeof spec !== 'object' || Array.isArray(spec)) throw new Error('expected an object');
  for (const [key, value] of Object.entries(spec)) {
    const type = Object.hasOwn(TYPES, key) ? TYPES[key as keyof typeof TYPES] : undefined;
    if (type === undefined) throw new Error(`unknown key ${JSON.stringify(key)}: expected usage, requiresAuthorization`);
    if (value !== undefined && typeof value !== type) throw new Error(`${key}: expected a ${type}, found ${JSON.stringify(value)}`);
  }
  return spec;
}
