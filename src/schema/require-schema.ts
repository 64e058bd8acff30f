/** The type of a JSON Schema; `compileSchema` checks the rest. In a file without Ajv, which a plugin's process does not load. @throws Error */
export function requireSchema(schema: unknown): asserts schema is object | boolean {
  if (typeof schema === 'boolean' || (typeof schema === 'object' && schema !== null && !Array.isArray(schema))) return;
  throw new Error('a JSON Schema is an object or a boolean');
}
