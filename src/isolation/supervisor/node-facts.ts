import { execFile, type ExecFileOptionsWithStringEncoding } from 'node:child_process';
import { pause } from '../../machine/node-timers.js';
import { startFolder } from '../../options/folders.js';
import { ProcessClock, STEP_PATIENCE_MS } from '../../options/process-clock.js';

export type Facts = Readonly<Record<string, unknown>>;

/** Prints what Node is asked. Bun and Deno have a version of Node too, and Bun puts itself into PATH under Node's name. */
const FACTS = 'JSON.stringify({ version: process.versions.node, platform: process.platform, arch: process.arch, bun: process.versions.bun, deno: process.versions.deno })';
const ANSWER_TIMEOUT_MS = 30_000;
/** How long Node has to report the exit of a program whose output has ended. */
const EXIT_REPORT_MS = 1000;

/** What the program says of itself: nothing if it is not Node. @throws Error if it fails, or does not answer in the time in which it could run */
export async function factsOf(program: string, env: NodeJS.ProcessEnv): Promise<Facts> {
  return factsIn(await printedBy(program, { cwd: startFolder(), env, windowsHide: true }));
}

/** Node may never report its exit (see ExitWatcher), so the end of its output counts too, and the deadline waits for no exit. */
function printedBy(program: string, options: ExecFileOptionsWithStringEncoding): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, ['-p', FACTS], options, (error, stdout) => {
      cancelDeadline();
      if (error === null) resolve(stdout);
      else reject(Object.assign(new Error(error.message), { code: error.code }));
    });
    const cancelDeadline = new ProcessClock(child.pid).deadline(ANSWER_TIMEOUT_MS, () => {
      child.kill('SIGKILL');
      reject(new Error(`it did not answer within ${ANSWER_TIMEOUT_MS} ms`));
    }, { patienceMs: STEP_PATIENCE_MS });
    let printed = '';
    child.stdout?.on('data', (text: string) => (printed += text));
    child.stdout?.once('close', () => {
      void pause(EXIT_REPORT_MS, { ref: false }).then(() => {
        cancelDeadline();
        child.unref(); // if Node never hears of its exit, it would keep this process running
        if (Object.keys(factsIn(printed)).length === 0) child.kill('SIGKILL'); // it may still run
        resolve(printed);
      });
    });
  });
}

function factsIn(stdout: string): Facts {
  try {
    const facts: unknown = JSON.parse(stdout);
    return typeof facts === 'object' && facts !== null ? { ...facts } : {};
  } catch {
    return {};
  }
}
