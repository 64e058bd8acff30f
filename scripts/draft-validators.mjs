/**
 * Writes src/schema/generated/*.cjs: for each draft of JSON Schema that has a compiler, the function that checks a schema
 * against the draft's own schema. Compiling that takes Ajv longer than all the rest of a plugin's start, so it is done here.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';

const DRAFTS = [
  { file: 'draft-2020-12.cjs', Compiler: Ajv2020, id: 'https://json-schema.org/draft/2020-12/schema' },
  { file: 'draft-07.cjs', Compiler: Ajv, id: 'http://json-schema.org/draft-07/schema' },
];

/** `ownProperties`, so that a schema with a property called `constructor` is taken for what it is. */
const OPTIONS = { strict: false, validateFormats: false, ownProperties: true, logger: false, inlineRefs: false, code: { source: true, lines: true } };

export function writeDraftValidators(folder) {
  for (const { file, Compiler, id } of DRAFTS) {
    const ajv = new Compiler(OPTIONS);
    writeFileSync(resolve(folder, file), `/* Made by scripts/draft-validators.mjs. */\n${standalone.default(ajv, ajv.getSchema(id))}`);
  }
}
