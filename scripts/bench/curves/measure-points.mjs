import { interleave, median, nanosecondsOf, timed } from '../measure.mjs';

const THOROUGH = { roundMs: 10, warmUpRounds: 3, rounds: 15 };
/** For calls that take long. */
const SHORT = { roundMs: 10, warmUpRounds: 0, rounds: 5 };
const QUICK = { roundMs: 1, warmUpRounds: 0, rounds: 1 };
const LONG_MS = 20;
/** A way whose call takes longer is not measured at the points that follow. */
const MAX_MS = 1000;

async function planOf(run, isQuick) {
  if (isQuick) return QUICK;
  const first = await nanosecondsOf(run, 1);
  return first > LONG_MS * 1e6 ? SHORT : THOROUGH;
}

/**
 * Measures several ways at several points, all ways in turn at each point.
 * @param {Record<string, (x: number) => (times: number) => void | Promise<void>>} ways
 * @param {object} options
 * @param {(x: number) => number} [options.per] operations per run
 * @param {Record<string, number>} [options.last] the last point of a way
 * @returns series of points `[x, microseconds per operation]`
 */
export async function measurePoints(ways, xs, { isQuick, per = () => 1, last = {} }) {
  const points = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  let names = Object.keys(ways);
  for (const x of xs) {
    names = names.filter((name) => x <= (last[name] ?? Infinity));
    const sides = [];
    let rounds = Infinity;
    for (const name of names) {
      const run = ways[name](x);
      const plan = await planOf(run, isQuick);
      rounds = Math.min(rounds, plan.rounds);
      sides.push(await timed(run, plan));
    }
    const samples = (await interleave(sides, rounds)).map(median);
    names.forEach((name, index) => points[name].push([x, samples[index] / 1000 / per(x)]));
    names = names.filter((_name, index) => samples[index] < MAX_MS * 1e6);
  }
  return Object.entries(points).map(([name, each]) => ({ name, points: each }));
}
