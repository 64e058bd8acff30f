/** JSON Schema: `compileSchema` turns a schema that a plugin wrote into a validator, within limits of time and code. */
export { prepareSchemas } from './compilers.js';
export { requireCodeGeneration } from './code-generation.js';
export type { ValidationFailure } from './failure.js';
export { keysOf } from './json-pointer.js';
export { requireSchema } from './require-schema.js';
export { compileSchema, type Validator } from './validator.js';
