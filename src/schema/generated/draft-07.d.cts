/** Checks a schema against the schema of its draft. scripts/draft-validators.mjs makes it when the package is built. */
import type { ValidateFunction } from 'ajv';
declare const validate: ValidateFunction;
export = validate;
