/** Writes the types of the kits in sdk/ from the tables of src/abi: `node --import tsx scripts/kits.mjs`. A test checks that they are up to date. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { KIT_FILES } from './kits/files.mjs';

const root = path.resolve(import.meta.dirname, '..');
for (const [file, render] of Object.entries(KIT_FILES)) writeFileSync(path.join(root, file), render());
