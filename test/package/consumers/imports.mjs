import { createRequire } from 'node:module';
import * as imported from 'aisopod-plugin';
import exercise from './exercise.cjs';

const required = createRequire(import.meta.url)('aisopod-plugin');
const names = Object.keys(imported).sort();
console.log(
  JSON.stringify({
    exercised: await exercise(imported),
    names: { imported: names, required: Object.keys(required).sort() },
    different: names.filter((name) => imported[name] !== required[name]),
  }),
);
