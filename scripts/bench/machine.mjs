import { availableParallelism, cpus, loadavg } from 'node:os';

/** The machine that figures are from, and how busy it was when this was called: the average number of threads that wanted to run, over a minute. */
export const machine = () => ({
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  load: Number(loadavg()[0].toFixed(1)),
});
