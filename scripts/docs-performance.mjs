/**
 * Writes the tables of docs/performance.md and draws docs/performance/*.svg from the JSON files beside them:
 * `node scripts/docs-performance.mjs`. With --check it writes nothing, and fails if anything is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawChart, labelOf } from './bench/chart.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.join(root, 'docs/performance');
const page = path.join(root, 'docs/performance.md');
const BLOCK = /(<!-- figures: made by scripts\/docs-performance\.mjs -->\n)[^]*?(<!-- end of figures -->)/;
const MICROSECONDS = { ns: 1e-3, µs: 1, ms: 1e3 };

const PARTS = {
  "In the host's process": ['call', 'text', 'json', 'worker', 'callback'],
  'In a child process': ['isolated', 'cold', 'socket', 'sync', 'cpu', 'mcp', 'update'],
  'Start, memory, scan': ['start', 'child', 'sandbox', 'import', 'scan', 'triage'],
};

const readJson = (name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
const verdict = (ok, goal) => (goal === null || ok ? '' : 'missed');

function lineOf({ name, ours, theirs, value, unit, ratio, goal, limit, ok, skipped }) {
  const cells = (...rest) => `| ${[name, ...rest].join(' | ')} |`;
  if (skipped !== undefined) return cells('–', '–', '–', goal ?? (limit === undefined ? '–' : labelOf(limit, 'MiB')), `not measured: ${skipped}`);
  if (limit !== undefined) return cells(labelOf(value, unit), '–', '–', labelOf(limit, unit), verdict(ok, limit));
  const time = (each) => labelOf(each * MICROSECONDS[unit], 'µs');
  return cells(time(ours), time(theirs), ratio.toPrecision(2), goal ?? '–', verdict(ok, goal));
}

/** The machine of each file, which may have been measured on different days. On an idle machine the load average is near 0. */
const origin = (what, { date, node, platform, cores, cpu, load }) =>
  `${what}: ${date}, Node ${node.slice(1)}, ${platform}, ${cores} cores (${cpu}), load average before the first row ${load}.`;

function figures(bench, curves) {
  const tables = Object.entries(PARTS).flatMap(([title, groups]) => {
    const rows = bench.rows.filter(({ group }) => groups.includes(group));
    return [`### ${title}`, '', '| row | ours | theirs | ratio | goal | |', '| --- | --- | --- | --- | --- | --- |', ...rows.map(lineOf), ''];
  });
  const later = Object.entries(bench.machines ?? {}).map(([group, machine]) => origin(`Rows of the group \`${group}\``, machine));
  return [origin('Tables', bench.machine), ...later, origin('Curves', curves.machine), '', ...tables].join('\n');
}

const bench = readJson('bench.json');
const curves = readJson('curves.json');
if (bench.isQuick || curves.isQuick) throw new Error('Figures measured with --quick are meaningless: measure without it.');
const text = readFileSync(page, 'utf8');
if (!BLOCK.test(text)) throw new Error('docs/performance.md has no place for the figures');
const files = [
  [page, text.replace(BLOCK, (_all, head, tail) => `${head}\n${figures(bench, curves)}\n${tail}`)],
  ...curves.curves.map((curve) => [path.join(folder, `${curve.id}.svg`), drawChart(curve)]),
];

const readOr = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};
const outdated = files.filter(([file, content]) => readOr(file) !== content);
if (!process.argv.includes('--check')) {
  for (const [file, content] of outdated) writeFileSync(file, content);
} else if (outdated.length > 0) {
  console.error(`${outdated.map(([file]) => path.relative(root, file)).join(', ')}: out of date, run node scripts/docs-performance.mjs`);
  process.exitCode = 1;
}
