/** Checks a schema against the schema of its draft. scripts/draft-validators.mjs makes it when the package is built. */
import type { ValidateFunction } from 'ajv';
declare const drafts: Readonly<Record<'2020-12' | 'draft-07', ValidateFunction>>;
export = drafts;
