import { execFile } from 'node:child_process';

const QUIET = ['-nx', '-q', '-batch', '-ex', 'set debuginfod enabled off', '-ex', 'set style enabled off', '-ex', 'set print thread-events off'];
const MAX_FRAMES = 12;
/** For the debugger to read the symbols of Node. */
const START_MS = 60_000;

/** Runs a Node program under gdb, and returns the stack at its crash. Undefined without gdb, or if it does not crash this time. */
export async function stackOfCrash(args: readonly string[], timeoutMs: number): Promise<string | undefined> {
  const text = await gdb(['-ex', 'run', '-ex', `bt ${MAX_FRAMES}`, '--args', process.execPath, ...args], timeoutMs + START_MS);
  return framesIn(text);
}

/** The stacks of all threads of a process that hangs. Undefined without gdb, or if the system does not allow it. */
export async function stackOfProcess(pid: number): Promise<string | undefined> {
  return framesIn(await gdb(['-ex', `thread apply all bt ${MAX_FRAMES}`, '-p', String(pid)], START_MS));
}

function gdb(args: readonly string[], timeout: number): Promise<string> {
  if (process.platform !== 'linux') return Promise.resolve('');
  return new Promise((resolve) => {
    execFile('gdb', [...QUIET, ...args], { timeout, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 * 1024 }, (_error, stdout) => resolve(stdout));
  });
}

/** Frames of Node, V8 and koffi say nothing about the plugin. */
const OF_NODE = /koffi\.node$|\?\? \(\)(?: from |$)|\b(?:node::|v8::|uv_|uv__|Builtins_|napi_)/;

/** The lines of threads that are in other code than Node's, each up to its first frame in Node. */
function framesIn(text: string): string | undefined {
  const threads: string[][] = [[]];
  for (const line of text.split('\n')) {
    if (line.startsWith('Thread ')) threads.push([]);
    else if (/^#\d/.test(line)) threads.at(-1)?.push(line);
  }
  const shown = threads.map((frames) => frames.slice(0, endOfPlugin(frames)).map(shortened)).filter((frames) => frames.length > 0);
  return shown.length === 0 ? undefined : shown.map((frames) => frames.join('\n')).join('\n\n');
}

function endOfPlugin(frames: readonly string[]): number {
  const first = frames.findIndex((frame) => OF_NODE.test(frame));
  return first === -1 ? frames.length : first;
}

const shortened = (frame: string): string => frame.replace(/^(#\d+\s+)0x[0-9a-f]+ in /, '$1').slice(0, 200);
