import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { packageRoot } from '../../files/index.js';
import { ProcessClock, STEP_PATIENCE_MS } from '../../options/process-clock.js';
import type { DynamicCheck, Finding, Subject } from './check.js';
import { lastStep, readEvents, type IsolatedRequest } from './isolated-events.js';
import { listFolder } from './list-folder.js';
import { watchMemory } from './memory-watch.js';
import { racesIn, type Libraries } from './races.js';
import type { SanitizedBuild } from './sanitize.js';
import { stackOfCrash, stackOfProcess } from './stack.js';
import { TailOfOutput } from './tail-of-output.js';
import { unexpectedEnd, type End } from './unexpected-end.js';

export type RunIsolated = (check: DynamicCheck, subject: Subject, signal: AbortSignal) => Promise<readonly Finding[]>;

export interface IsolatedOptions {
  readonly seed: number;
  /** For checks that do not have their own time limit. */
  readonly timeoutMs: number;
  readonly maxMemoryBytes: number;
  /** The plugin was built with sanitizers, which print stacks themselves. */
  readonly build?: SanitizedBuild | undefined;
  /** How many crashes are run once more under the debugger, for their stack. Default: 4, as each takes seconds. */
  readonly maxStacks?: number;
  /** The program of the process of a check. Default: that of this package, which a program that is not CommonJS must name. */
  readonly program?: string;
}

const MAX_STACKS = 4;

/** Runs each check in a process of its own. What the process does to itself becomes a finding. */
export function isolatedRunner({ seed, timeoutMs: usual, maxMemoryBytes, build, maxStacks = MAX_STACKS, program = childProgram() }: IsolatedOptions): RunIsolated {
  let stacksLeft = build === undefined ? maxStacks : 0;
  return async (check, subject, signal) => {
    const folder = await mkdtemp(join(tmpdir(), 'aisopod-validate-'));
    const timeoutMs = (check.timeoutMs ?? usual) * (build?.slowdown ?? 1);
    const races = join(folder, 'races');
    const env = build?.gate === undefined ? build?.env : withLog(build.env, races);
    const start = async (name: string): Promise<Started> => {
      const [temporaryFolder, events, file] = ['data', 'events', 'request.json'].map((each) => join(folder, name, each)) as [string, string, string];
      await mkdir(temporaryFolder, { recursive: true });
      const request: IsolatedRequest = { checkId: check.id, subject, seed, timeoutMs, temporaryFolder, gate: build?.gate, events };
      await writeFile(file, JSON.stringify(request));
      return { file, events };
    };
    try {
      const first = await start('run');
      const end = await run(first, { program, timeoutMs, maxMemoryBytes, signal, env });
      const events = readEvents(first.events);
      const findings = [...events.flatMap((event) => (event.type === 'finding' ? [event.finding] : [])), ...(await racesIn(races, await librariesIn(subject.folder)))];
      // It may come to its end while the debugger takes its stack. That was too late all the same.
      const isDone = events.at(-1)?.type === 'done' && end.killedFor === undefined;
      if (isDone || signal.aborted) return findings;
      const mayTakeStack = end.signal !== null && end.killedFor === undefined && stacksLeft-- > 0;
      const stack = mayTakeStack ? await stackOfCrash([program, (await start('debugger')).file], timeoutMs) : end.stack;
      return [...findings, unexpectedEnd({ ...end, stack }, { timeoutMs, maxMemoryBytes }, end.step ?? lastStep(events))];
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  };
}

/** ThreadSanitizer appends the id of the process to the name. */
const withLog = (env: NodeJS.ProcessEnv, file: string): NodeJS.ProcessEnv => ({ ...env, TSAN_OPTIONS: `${env.TSAN_OPTIONS ?? ''}:log_path=${file}` });

/** The libraries that the plugin ships. */
async function librariesIn(folder: string): Promise<Libraries> {
  const names = (await listFolder(folder)).map(({ name }) => name).filter((name) => /\.so(?:\.|$)/.test(name));
  return new Map(names.map((name) => [basename(name), join(folder, name)]));
}

const childProgram = (): string => join(packageRoot() ?? '', 'dist', 'cli', 'validate', 'child.js');

/** The files of one run of a check. */
interface Started {
  readonly file: string;
  readonly events: string;
}

interface Run {
  readonly program: string;
  readonly timeoutMs: number;
  readonly maxMemoryBytes: number;
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv | undefined;
}

function run({ file, events }: Started, { program, timeoutMs, maxMemoryBytes, signal, env }: Run): Promise<End> {
  // A process group of its own, so that what the plugin starts ends with it.
  const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32', env: { ...process.env, ...env } });
  const output = new TailOfOutput(child);
  const kill = (): void => killGroup(child);
  signal.addEventListener('abort', kill);
  let killedFor: End['killedFor'];
  let step: string | undefined;
  let stack: Promise<string | undefined> | undefined;
  const onLate = (): void => {
    killedFor ??= 'time';
    step = lastStep(readEvents(events));
    stack = stackOf(child).finally(kill);
  };
  // On a busy machine a check is not late because others had the processor.
  const cancelDeadline = new ProcessClock(child.pid).deadline(timeoutMs, onLate, { patienceMs: STEP_PATIENCE_MS });
  const stopWatching = watchMemory(child.pid, maxMemoryBytes, () => {
    killedFor ??= 'memory';
    kill();
  });
  return new Promise((resolve, reject) => {
    const end = (): void => {
      cancelDeadline();
      stopWatching();
      signal.removeEventListener('abort', kill);
    };
    child.on('error', (cause) => {
      end();
      reject(cause);
    });
    child.on('exit', killGroup.bind(undefined, child));
    child.on('close', (code, killedBy) => {
      end();
      const rest = async (): Promise<End> => ({ code, signal: killedBy, killedFor, step, output: output.text, stack: await stack });
      resolve(rest());
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (process.platform === 'win32' || child.pid === undefined) return void child.kill('SIGKILL');
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All of its processes have ended.
  }
}

const stackOf = (child: ChildProcess): Promise<string | undefined> => (child.pid === undefined ? Promise.resolve(undefined) : stackOfProcess(child.pid));
