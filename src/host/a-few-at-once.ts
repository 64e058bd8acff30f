/** Limits concurrency: starts the given functions in order, at most `most` at once. An error of `run` goes to its caller. */
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
      else next(); // it takes over this slot, so `running` stays the same
    }
  };
}
