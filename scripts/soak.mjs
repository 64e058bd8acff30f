/**
 * `node scripts/soak.mjs [minutes, default 10] [seed] [home]`: opens and closes hosts on the built package, with random
 * invocations and faults. `home` is `process` (the default), `socket` (processes that share no memory with the host) or
 * `in-process` (without the plugins that crash). Prints figures, and exits with 1 if an invocation was lost, got a wrong answer or
 * failed without a typed error, or if something leaked. A seed reproduces the choices, not the timing.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFixtures } from './fixtures.mjs';
import { Holdings, growthOf } from './soak/holdings.mjs';
import { Ledger } from './soak/ledger.mjs';
import { Random } from './soak/random.mjs';
import { runRound } from './soak/round.mjs';

const minutes = Number(process.argv[2] ?? 10);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const home = process.argv[4] ?? 'process';
if (!['process', 'socket', 'in-process'].includes(home)) throw new Error(`unknown home ${home}`);
const REPORT_EVERY_MS = 30_000;
/** How much Node's own memory may grow from the first quarter of the rounds to the last. */
const RSS_SLACK = 32 << 20;

const root = mkdtempSync(join(tmpdir(), 'aisopod-soak-'));
const plugins = join(root, 'plugins');
const fixtures = buildFixtures();
for (const name of ['good-c', 'rule-breaker', 'crasher']) cpSync(join(fixtures, name), join(plugins, name), { recursive: true });

// A temporary folder of its own, so that the files of hosts and children can be counted and no other files are touched.
process.env.TMPDIR = join(root, 'tmp');
mkdirSync(process.env.TMPDIR);

const random = new Random(seed);
const ledger = new Ledger();
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, (error) => ledger.violate(`${event}: ${error?.stack ?? error}`));

/** Each host has its own home folder, so that crash records of one do not affect the next. */
function round() {
  process.env.HOME = mkdtempSync(join(root, 'home-'));
  return runRound({ plugins, dataDir: join(process.env.HOME, 'data'), random, ledger, home });
}

await round(); // what the first host costs for good
const holdings = new Holdings(process.env.TMPDIR);
const before = await holdings.settled();
const rss = [];
const end = Date.now() + minutes * 60_000;
let nextReport = Date.now() + REPORT_EVERY_MS;
let rounds = 1;
console.log(`seed ${seed}, ${minutes} minutes, ${home}, node ${process.version}, ${process.platform}-${process.arch}`);
while (Date.now() < end) {
  await round();
  rounds++;
  const now = await holdings.settled(before);
  for (const leak of holdings.leaks(before, now)) ledger.violate(`leaked in round ${rounds}: ${leak}`);
  rss.push(now.rss);
  if (Date.now() < nextReport) continue;
  nextReport += REPORT_EVERY_MS;
  console.log(`${rounds} rounds, ${ledger.sent} invocations, ${ledger.violations.length} violations, rss ${(now.rss / 2 ** 20).toFixed(1)} MB`);
}

const growth = growthOf(rss);
if (growth > RSS_SLACK) ledger.violate(`resident memory grew by ${(growth / 2 ** 20).toFixed(1)} MB`);
console.log(`rounds (hosts opened and closed): ${rounds}`);
ledger.print();
holdings.print(before, await holdings.settled(before));
console.log(`resident memory, median of the last quarter of rounds less that of the first: ${(growth / 2 ** 20).toFixed(1)} MB`);
console.log(ledger.violations.length === 0 ? 'no invocation lost, no leaks' : `VIOLATIONS: ${ledger.violations.length}`);
rmSync(root, { recursive: true, force: true });
process.exitCode = ledger.violations.length === 0 ? 0 : 1;
