import { spawn, type ChildProcess } from 'node:child_process';
import type { BuildPlace, BuildStep, Toolchain } from './toolchains.js';

export interface BuildResult {
  readonly isOk: boolean;
  /** Everything that the tools printed. */
  readonly output: string;
}

/** Builds a project with its toolchain, one build at a time. */
export class Build {
  #isPrepared = false;

  constructor(
    private readonly toolchain: Toolchain,
    private readonly place: BuildPlace,
  ) {}

  get name(): string {
    return this.toolchain.name;
  }

  /** Stops at the first step that fails. Undefined if `signal` fires. */
  async run(signal: AbortSignal): Promise<BuildResult | undefined> {
    const { prepare, build } = this.toolchain;
    let output = '';
    for (const step of [...(this.#isPrepared ? [] : prepare(this.place)), ...build(this.place)]) {
      const result = await runStep(step, this.place.folder, signal);
      if (signal.aborted) return undefined;
      output += result.output;
      if (!result.isOk) return { isOk: false, output };
    }
    this.#isPrepared = true;
    return { isOk: true, output };
  }
}

/** In a process group of its own, so that all that it starts ends with it. */
function runStep({ program, args }: BuildStep, cwd: string, signal: AbortSignal): Promise<BuildResult> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32', windowsHide: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const end = (): void => endGroup(child);
  signal.addEventListener('abort', end);
  process.on('exit', end);
  return new Promise<BuildResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ isOk: code === 0, output }));
    if (signal.aborted) end();
  }).finally(() => {
    signal.removeEventListener('abort', end);
    process.off('exit', end);
  });
}

function endGroup(child: ChildProcess): void {
  const { pid, exitCode } = child;
  if (pid === undefined || exitCode !== null) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on('error', () => child.kill());
    return;
  }
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    child.kill('SIGTERM'); // it has ended, or it is no group leader yet
  }
}
