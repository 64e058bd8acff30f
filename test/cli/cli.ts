import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';

export interface CliEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Standard input. Default: none. */
  readonly input?: string;
  /** Gets the process and everything that it has printed so far, each time there is more. */
  readonly onOutput?: (child: ChildProcess, stdout: string) => void;
}

const main = path.join(projectRoot, 'dist/cli/main.js');
/** Nobody's plugins or data but the tests'. */
const home = temporaryFolder();

/** Runs the built command line in a process of its own. */
export function cli(args: readonly string[], { env = {}, cwd = home, input, onOutput }: CliOptions = {}): Promise<CliEnd> {
  const clean = { ...process.env, NODE_OPTIONS: '', HOME: home, USERPROFILE: home, NO_COLOR: '', FORCE_COLOR: '0', AISOPOD_PLUGIN_PATH: '', AISOPOD_PLUGIN_PATHS: '' };
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...clean, ...env }, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] }) as ChildProcess & { readonly stdout: Readable; readonly stderr: Readable };
  child.stdin?.end(input);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      onOutput?.(child, output.stdout);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...output }));
  });
}

/** What it printed with --json, and its exit code. */
export async function cliJson(args: readonly string[], options?: CliOptions): Promise<{ readonly code: number | null; readonly json: unknown }> {
  const { code, stdout, stderr } = await cli([...args, '--json'], options);
  try {
    return { code, json: JSON.parse(stdout) };
  } catch {
    throw new Error(`not JSON: ${stdout}\n${stderr}`);
  }
}
