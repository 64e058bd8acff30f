/** Checks only the type; `compileSchema` checks the rest. Does not import Ajv, which a plugin's process must not load. @throws Error */
export function requireSchema(schema: unknown): asserts schema is object | boolean {
  if (typeof schema === 'boolean' || (typeof schema === 'object' && schema !== null && !Array.isArray(schema))) return;
  throw new Error('a JSON Schema is an object or a boolean');
}
