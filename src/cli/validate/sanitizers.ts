import { execFile } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { promisify } from 'node:util';
import { RefusedError } from '../command.js';

const run = promisify(execFile);
const START_MS = 60_000;

/** Sanitizers of gcc that can be in one build. */
export interface Sanitizer {
  readonly flags: string;
  /** They are loaded before the program of Node, which is not built with them. */
  readonly libraries: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** How many times as long everything may take. */
  readonly slowdown: number;
}

/** Crashes are the result of the check, with the signal that they had. */
const SIGNALS = 'handle_segv=0:handle_sigbus=0:handle_abort=0';

export const MEMORY: Sanitizer = {
  flags: '-fsanitize=address,undefined -fno-sanitize-recover=undefined',
  libraries: ['libasan.so', 'libubsan.so'],
  // Node keeps memory until its process ends.
  env: { ASAN_OPTIONS: `detect_leaks=0:detect_odr_violation=0:${SIGNALS}:abort_on_error=1`, UBSAN_OPTIONS: 'print_stacktrace=1:abort_on_error=1' },
  slowdown: 1,
};

export const THREADS: Sanitizer = {
  flags: '-fsanitize=thread',
  libraries: ['libtsan.so'],
  // Not at the first report, which may be of Node: see racesIn. Other checks find threads that are left.
  env: { TSAN_OPTIONS: `symbolize=0:halt_on_error=0:exitcode=0:report_thread_leaks=0:report_signal_unsafe=0:history_size=7:${SIGNALS}` },
  slowdown: 4,
};

/** @throws RefusedError if gcc does not have them */
export async function librariesOf({ libraries }: Sanitizer, signal: AbortSignal): Promise<readonly string[]> {
  return Promise.all(
    libraries.map(async (name) => {
      const path = (await run('gcc', [`-print-file-name=${name}`], { signal })).stdout.trim();
      if (!isAbsolute(path)) throw new RefusedError(`gcc has no ${name}: install the package with the sanitizers of gcc`);
      return path;
    }),
  );
}

/** @throws RefusedError if Node does not start under the sanitizer */
export async function requireStart(sanitizer: Sanitizer, signal: AbortSignal): Promise<void> {
  const env = { ...process.env, ...sanitizer.env, LD_PRELOAD: (await librariesOf(sanitizer, signal)).join(' ') };
  // By what it prints: it ends with 0 if it cannot start, because of `exitcode`.
  const { stdout = '', stderr = '' } = await run(process.execPath, ['-p', '"started"'], { signal, timeout: START_MS, env }).catch((cause: unknown) => cause as Partial<Printed>);
  if (stdout.trim() === 'started') return;
  throw new RefusedError(`Node does not start with it (${stderr.trim().slice(0, 300)}). Under "setarch -R" it may, because that loads programs at fixed addresses`);
}

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}
