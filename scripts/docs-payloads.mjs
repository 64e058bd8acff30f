/** Writes schemas/ and the part of docs/plugins.md about payloads from src/payloads and src/manifest: `node --import tsx scripts/docs-payloads.mjs`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { manifestJsonSchema } from '../src/manifest/index.ts';
import { PAYLOADS } from '../src/payloads/index.ts';
import { renderSchemas, withSection } from './payloads/render.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const schemas = path.join(root, 'schemas');
mkdirSync(schemas, { recursive: true });
for (const [name, text] of Object.entries(renderSchemas(PAYLOADS, manifestJsonSchema()))) writeFileSync(path.join(schemas, name), text);

const page = path.join(root, 'docs/plugins.md');
writeFileSync(page, withSection(readFileSync(page, 'utf8'), PAYLOADS));
