/** JSON Schema: `compileSchema` makes a validator of a schema that a plugin wrote, within limits of time and code. */
export { requireCodeGeneration } from './code-generation.js';
export { compileSchema, requireSchema, type ValidationFailure, type Validator } from './validator.js';
