/**
 * Times two ways to do one job against each other. They take turns, A B B A A B …, so that whatever else the machine
 * does falls on both; the ratio is the median of the rounds' own ratios, which drift and noise hardly reach.
 */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function nanosecondsOf(run, times) {
  const start = process.hrtime.bigint();
  await run(times);
  return Number(process.hrtime.bigint() - start);
}

/**
 * A way to do a job, made into one that answers nanoseconds a time. How often it runs in a round is found once it is
 * warm, after this many rounds that do not count, so that a round takes about `roundMs`.
 * @param {(times: number) => void | Promise<void>} run does the job this many times
 */
export async function timed(run, { roundMs, warmUpRounds }) {
  const aboutOneRound = async () => {
    let times = 1;
    while ((await nanosecondsOf(run, times)) < roundMs * 1e6) times *= 2;
    return times;
  };
  const cold = await aboutOneRound();
  for (let round = 0; round < warmUpRounds; round++) await run(cold);
  const times = await aboutOneRound();
  return async () => (await nanosecondsOf(run, times)) / times;
}

/** Both sides, as functions that answer nanoseconds a time. @returns medians in nanoseconds, and the ratio */
export async function compare(ours, theirs, rounds) {
  const samples = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? ['ours', 'theirs'] : ['theirs', 'ours'];
    for (const side of order) samples[side].push(await { ours, theirs }[side]());
  }
  const ratio = median(samples.ours.map((value, round) => value / samples.theirs[round]));
  return { ours: median(samples.ours), theirs: median(samples.theirs), ratio };
}

/** A function as a job that runs it again and again. */
export const again = (run) => (times) => {
  for (let i = 0; i < times; i++) run();
};

/** The same for a function that answers a promise: one at a time. */
export const againAsync = (run) => async (times) => {
  for (let i = 0; i < times; i++) await run();
};
