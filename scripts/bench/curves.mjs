/** Measures how costs grow: `node scripts/bench/curves.mjs`, with the options of `npm run bench:curves` (docs/performance.md). */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openContext } from './context.mjs';
import { machine } from './machine.mjs';

/** File names in curves/. */
const GROUPS = ['payload', 'in-flight', 'plugins', 'scan'];

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'no-packages': { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
if (options.only !== undefined && !GROUPS.includes(options.only)) {
  console.error(`--only takes one of ${GROUPS.join(', ')}`);
  process.exit(2);
}

function print({ title, series }) {
  console.log(title);
  for (const { name, points } of series) console.log(`  ${name}: ${points.map(([x, y]) => `${x}: ${y.toPrecision(3)}`).join(', ')}`);
}

const context = await openContext({ isQuick: options.quick, withoutPackages: options['no-packages'] });
const measuredOn = machine();
const measured = [];
try {
  for (const group of options.only === undefined ? GROUPS : [options.only]) {
    const { curves } = await import(`./curves/${group}.mjs`);
    for (const curve of await curves(context)) {
      measured.push(curve);
      print(curve);
    }
  }
} finally {
  await context.close();
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ machine: measuredOn, isQuick: options.quick, curves: measured }, null, 1)}\n`);
