/** Runs what it is given in that order, at most `most` at once. What `run` throws is its caller's. */
export function aFewAtOnce(most: number): <T>(run: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (running < most) running++;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next(); // which takes this one's place
    }
  };
}
