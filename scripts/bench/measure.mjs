/**
 * Compares the speed of two or more implementations. They alternate, A B C C B A …, so that other load on the machine affects
 * all of them. A ratio is the median of the ratios of the rounds, which is robust against drift and noise.
 */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The nanoseconds that `run` takes. */
export async function nanosecondsOf(run, ...args) {
  const start = process.hrtime.bigint();
  await run(...args);
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

/**
 * Takes samples of all sides in turn.
 * @param {(() => number | Promise<number>)[]} sides
 * @returns {Promise<number[][]>} the samples of each side, by round
 */
export async function interleave(sides, rounds) {
  const samples = sides.map(() => []);
  const forward = sides.map((_side, index) => index);
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? forward : forward.toReversed()) samples[side].push(await sides[side]());
  }
  return samples;
}

export const ratioOf = (ours, theirs) => median(ours.map((value, round) => value / theirs[round]));

/** Takes two functions that return nanoseconds per run. @returns medians in nanoseconds, and the ratio */
export async function compare(ours, theirs, rounds) {
  const [a, b] = await interleave([ours, theirs], rounds);
  return { ours: median(a), theirs: median(b), ratio: ratioOf(a, b) };
}

/** Runs a function repeatedly. */
export const again = (run) => (times) => {
  for (let i = 0; i < times; i++) run();
};

/** The same for a function that returns a promise: one at a time. */
export const againAsync = (run) => async (times) => {
  for (let i = 0; i < times; i++) await run();
};

/** Runs a function that returns a promise this many times at once. */
export const together = (count, run) => () => Promise.all(Array.from({ length: count }, run));
