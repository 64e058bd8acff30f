import koffi from 'koffi';
import { messageOf } from '../errors/index.js';
import { catchable } from './catchable.js';

/** The mebibyte that rule 8 promises to plugins, and room for what koffi and the host functions use below and above. */
const WORKER_STACK = (1 << 20) + (256 << 10);

/**
 * koffi's defaults suit short calls: 128 KiB of stack, and a crash past 256 threads in callbacks. Settings can be
 * changed until the first library of the process is loaded, by anyone; so this module comes before every other use.
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

/** Why koffi could not be set up as it should be, or `undefined`. Known when the module has loaded. */
export const koffiSettingsProblem = configure();

export const koffiVersion: string = koffi.version;

export { koffi };
