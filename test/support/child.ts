import { spawn } from 'node:child_process';
import path from 'node:path';
import { projectRoot } from './fixtures.js';
import { HANG_MS } from './hang.js';

export interface ChildEnd {
  readonly code: number | null;
  /** `SIGKILL` where it hung. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Further flags of Node's. gc() is always there. */
  readonly flags?: readonly string[];
  /** A shell command that runs before, in the same process: `ulimit -n 256`. POSIX only. */
  readonly before?: string;
}

/**
 * Runs a script (CommonJS, the body of an async function) in a process of its own, on the built package, for what could
 * crash or change the process. It sees what test/support/child-host.cjs exports, and the package as `aisopod`.
 */
export function runChild(script: string, { env = {}, flags = [], before }: ChildOptions = {}): Promise<ChildEnd> {
  const host = JSON.stringify(path.join(projectRoot, 'test/support/child-host.cjs'));
  const dist = JSON.stringify(path.join(projectRoot, 'dist/index.js'));
  const body = `(async () => { const { openHost, fixture, pause, fixtures } = require(${host}); const aisopod = require(${dist}); ${script} })();`;
  const program = [process.execPath, '--expose-gc', ...flags, '-e', body] as const;
  const [command, ...args] = before === undefined ? program : (['sh', '-c', `${before} && exec "$0" "$@"`, ...program] as const);
  const child = spawn(command, args, {
    cwd: projectRoot,
    // Node's options of this test run are none of the child's.
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), HANG_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...output });
    });
  });
}

/** The script, in a Worker of the child. It sees `openHost`, `fixture`, `pause`, `fixtures` and `aisopod` as well. */
export function inWorker(script: string): string {
  const prologue = "const { openHost, fixture, pause, fixtures } = require('./test/support/child-host.cjs'); const aisopod = require('./dist/index.js');";
  return `new (require('node:worker_threads').Worker)(${JSON.stringify(`${prologue} (async () => { ${script} })();`)}, { eval: true });`;
}

/** What the script printed as JSON. @throws Error with everything it said where it did not end well. */
export async function answerOf(script: string, options?: ChildOptions): Promise<unknown> {
  const { code, signal, stdout, stderr } = await runChild(script, options);
  if (code === 0) return JSON.parse(stdout);
  throw new Error(`the child ended with ${code ?? signal}\n${stdout}${stderr}`);
}
