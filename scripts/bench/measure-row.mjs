/** Rows, as the modules in rows/ describe them, and their results. */
import { interleave, median, ratioOf, timed } from './measure.mjs';

/** Rounds are short enough that most are not interrupted, and long enough to include some garbage collection. */
const THOROUGH = { warmUpRounds: 200, rounds: 401, roundMs: 1 };
/** For rows whose functions return a sample each, usually of a new process. */
const SAMPLES = { rounds: 31 };
/** Just enough to check that it runs. */
const QUICK = { warmUpRounds: 0, rounds: 3, roundMs: 1 };
const QUICK_SAMPLES = { rounds: 1 };

const UNITS = { ns: 1, µs: 1e3, ms: 1e6 };

const planOf = ({ isSampled, plan }, isQuick) => (isQuick ? (isSampled ? QUICK_SAMPLES : QUICK) : { ...(isSampled ? SAMPLES : THOROUGH), ...plan });

/** One of ours against one or more others, all in turn. A row without a goal is for information only. */
async function measurePairs(row, isQuick) {
  const plan = planOf(row, isQuick);
  const prepare = (side) => (row.isSampled ? side : timed(side, plan));
  const present = row.skipped === undefined ? row.against.filter(({ skipped }) => skipped === undefined) : [];
  const sides = [];
  if (present.length > 0) for (const run of [row.ours, ...present.map((each) => each.run)]) sides.push(await prepare(run));
  const [ours, ...others] = await interleave(sides, plan.rounds);
  const inUnit = (samples) => median(samples) / UNITS[row.unit] / (row.per ?? 1);
  return row.against.map((each) => {
    const { what, goal, skipped = row.skipped } = each;
    const name = `${row.name}, against ${what}`;
    if (skipped !== undefined) return { name, goal, skipped };
    const theirs = others[present.indexOf(each)];
    const ratio = ratioOf(ours, theirs);
    return { name, ours: inUnit(ours), theirs: inUnit(theirs), unit: row.unit, ratio, goal, ok: goal === null || ratio <= goal };
  });
}

async function measureLimit({ name, unit, limit, skipped, value: measure }) {
  if (skipped !== undefined) return { name, limit, skipped };
  const value = await measure();
  return { name, value, unit, limit, ok: value <= limit };
}

/**
 * Measures `{ name, unit, ours, against: [{ what, goal, run }] }` in turn, or `{ name, unit, limit, value }`. `isSampled`:
 * the functions return nanoseconds themselves. `per`: operations per run. `plan` replaces the number and length of rounds.
 * `skipped`, of the row or of one in `against`, says why it cannot be measured.
 * @returns the results, one for each comparison
 */
export async function measureRow(row, { isQuick }) {
  return row.limit === undefined ? measurePairs(row, isQuick) : [await measureLimit(row)];
}
