/**
 * Compares the speed of two implementations. They alternate, A B B A A B …, so that other load on the machine affects both.
 * The ratio is the median of the ratios of the rounds, which is robust against drift and noise.
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
 * Turns an implementation into a function that returns nanoseconds per run. After warm-up rounds that do not count, it
 * chooses the number of runs so that a round takes about `roundMs`.
 * @param {(times: number) => void | Promise<void>} run runs the implementation this many times
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

/** Takes two functions that return nanoseconds per run. @returns medians in nanoseconds, and the ratio */
export async function compare(ours, theirs, rounds) {
  const samples = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? ['ours', 'theirs'] : ['theirs', 'ours'];
    for (const side of order) samples[side].push(await { ours, theirs }[side]());
  }
  const ratio = median(samples.ours.map((value, round) => value / samples.theirs[round]));
  return { ours: median(samples.ours), theirs: median(samples.theirs), ratio };
}

/** Runs a function repeatedly. */
export const again = (run) => (times) => {
  for (let i = 0; i < times; i++) run();
};

/** The same for a function that returns a promise: one at a time. */
export const againAsync = (run) => async (times) => {
  for (let i = 0; i < times; i++) await run();
};
