import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll } from '@jest/globals';
import { projectRoot } from '../support/fixtures.js';

/** A process of its own that runs `body` on the built package; each `say(x)` is a line of JSON for `next`. */
export interface HostProcess {
  readonly pid: number;
  next<T>(): Promise<T>;
  /** Lets a body that waits for `told` go on. */
  tell(): void;
  end(): Promise<number | null>;
  kill(): Promise<void>;
}

const running = new Set<ChildProcess>();
afterAll(() => running.forEach((child) => child.kill('SIGKILL')));

export function startProcess(body: string, env: NodeJS.ProcessEnv = {}): HostProcess {
  const script = `
    const { DynamicPluginLoader } = require(${JSON.stringify(path.join(projectRoot, 'dist/index.js'))});
    const say = (what) => process.stdout.write(JSON.stringify(what) + '\\n');
    const told = () => new Promise((resolve) => process.stdin.once('data', resolve));
    (async () => { ${body} })().then(() => process.stdin.destroy(), (error) => { console.error(error); process.exit(1); });
  `;
  const child = spawn(process.execPath, ['-e', script], { env: { ...process.env, NODE_OPTIONS: '', ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
  running.add(child);
  const ended = once(child, 'close').finally(() => running.delete(child)) as Promise<[number | null]>;
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    async next<T>() {
      const line = (await lines.next()) as IteratorResult<string, undefined>;
      if (line.done === true) throw new Error('the process ended without a word');
      return JSON.parse(line.value) as T;
    },
    tell: () => void child.stdin.write('.'),
    end: async () => (await ended)[0],
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
