import koffi from 'koffi';
import { messageOf } from '../errors/index.js';
import { catchable } from './catchable.js';

/** The 1 MiB that rule 8 promises to plugins, plus what koffi and the host functions use. */
const WORKER_STACK = (1 << 20) + (256 << 10);

/**
 * koffi's defaults are too small: 128 KiB of stack, and a crash with more than 256 threads in callbacks. They can only be
 * changed before any code in the process loads its first library, so import this module before any other use of koffi.
 */
const WANTED = { async_stack_size: WORKER_STACK, resident_async_pools: 32, max_async_calls: 4096 } as const;

function configure(): string | undefined {
  const now = koffi.config();
  if ((Object.keys(WANTED) as (keyof typeof WANTED)[]).every((key) => now[key] === WANTED[key])) return undefined;
  try {
    catchable(() => koffi.config({ ...now, ...WANTED }));
    return undefined;
  } catch (error) {
    return (
      `koffi was in use before aisopod-plugin was loaded, so its settings stay as they are ` +
      `(${now.async_stack_size ?? 0} bytes of stack off the main thread, ${now.max_async_calls ?? 0} concurrent callbacks): ` +
      `import aisopod-plugin first. ${messageOf(error)}`
    );
  }
}

/** Why koffi's settings could not be changed, or `undefined`. */
export const koffiSettingsProblem = configure();

export const koffiVersion: string = koffi.version;

export { koffi };
