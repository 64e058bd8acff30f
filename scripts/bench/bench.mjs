/** Runs the benchmarks on the build: `node scripts/bench/bench.mjs`, with the options of `npm run bench` (docs/performance.md). */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openContext } from './context.mjs';
import { machine } from './machine.mjs';
import { measureRow } from './measure-row.mjs';
import { printRow } from './print.mjs';

/** The groups: file names in rows/. */
const GROUPS = ['call', 'text', 'json', 'worker', 'callback', 'isolated', 'cold', 'socket', 'sync', 'cpu', 'mcp', 'update', 'start', 'child', 'sandbox', 'import', 'scan', 'triage'];

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'no-packages': { type: 'boolean', default: false },
    soak: { type: 'string' },
    json: { type: 'string' },
  },
});
if (options.only !== undefined && !GROUPS.includes(options.only)) {
  console.error(`--only takes one of ${GROUPS.join(', ')}`);
  process.exit(2);
}
if (options.soak !== undefined && !/^[1-9]\d*$/.test(options.soak)) {
  console.error('--soak takes the number of calls of each way');
  process.exit(2);
}

function groupsToRun() {
  if (options.soak !== undefined) return ['soak'];
  return options.only === undefined ? GROUPS : [options.only];
}

const context = { ...(await openContext({ isQuick: options.quick, withoutPackages: options['no-packages'] })), soakCalls: Number(options.soak) };
const measuredOn = machine();
const results = [];
try {
  for (const group of groupsToRun()) {
    const { rows } = await import(`./rows/${group}.mjs`);
    for await (const row of rows(context)) {
      for (const result of await measureRow(row, context)) {
        results.push({ group, ...result });
        printRow(result);
      }
    }
  }
} finally {
  await context.close();
}
if (options.json !== undefined) {
  const measured = { machine: measuredOn, isQuick: options.quick, rows: results };
  const all = options.only !== undefined && existsSync(options.json) ? withGroup(JSON.parse(readFileSync(options.json, 'utf8')), measured, options.only) : measured;
  writeFileSync(options.json, `${JSON.stringify(all, null, 2)}\n`);
}

/** Puts the rows of one group in the place of those that were measured before, with the machine that they were measured on. */
function withGroup({ machine: measuredBefore, isQuick, rows, ...rest }, { machine: later, rows: results, ...now }, group) {
  const of = (name) => (name === group ? results : rows.filter((row) => row.group === name));
  const machines = { ...rest.machines, [group]: later };
  return { machine: measuredBefore, machines, isQuick: isQuick || now.isQuick, rows: GROUPS.flatMap(of) };
}
