import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { LoadError, messageOf, systemCode } from '../../errors/index.js';
import { readCounter } from '../../machine/kernel-counters.js';
import { pause } from '../../machine/node-timers.js';
import type { ResourceLimits } from '../../report/resource-limits.js';
import { UNKNOWN_START, isAlive } from '../../trust/process-identity.js';

/** The files of a control group for each limit, with their controller (Documentation/admin-guide/cgroup-v2.rst of the kernel). */
interface Setting {
  readonly controller: 'memory' | 'cpu' | 'pids';
  readonly files: Readonly<Record<string, string>>;
}

const CPU_PERIOD_US = 100_000;

/** What is written to enforce these limits. */
export function groupSettings({ memoryBytes, processors, tasks }: ResourceLimits): readonly Setting[] {
  const settings: Setting[] = [];
  // All processes of a group that is out of memory are killed: a plugin may depend on a program that it started.
  if (isFinite(memoryBytes)) settings.push({ controller: 'memory', files: { 'memory.max': String(memoryBytes), 'memory.swap.max': '0', 'memory.oom.group': '1' } });
  if (isFinite(processors)) settings.push({ controller: 'cpu', files: { 'cpu.max': `${Math.round(processors * CPU_PERIOD_US)} ${CPU_PERIOD_US}` } });
  if (isFinite(tasks)) settings.push({ controller: 'pids', files: { 'pids.max': String(tasks) } });
  return settings;
}

const isFinite = (limit: number | undefined): limit is number => Number.isFinite(limit);

/** Absent without `CONFIG_SWAP` and before Linux 4.19. */
const OPTIONAL_FILES = ['memory.swap.max', 'memory.oom.group'];

/** Groups of this host are called `aisopod-PID-THREAD-NUMBER`. */
const PREFIX = 'aisopod-';
let count = 0;

/** The control group of one child. It holds what the child starts too, also after the child has ended. */
export class ChildCgroup {
  readonly path: string;

  /** Makes the group below `parent`. @throws LoadError ERR_CHILD_PROCESS */
  constructor(
    parent: string,
    private readonly limits: ResourceLimits,
  ) {
    this.path = join(parent, `${PREFIX}${process.pid}-${threadId}-${count++}`);
    try {
      removeAbandoned(parent);
      const settings = groupSettings(limits);
      enableControllers(parent, settings.map(({ controller }) => controller));
      mkdirSync(this.path);
      for (const { files } of settings) for (const [name, text] of Object.entries(files)) this.#write(name, text);
    } catch (cause) {
      void this.remove();
      throw new LoadError('ERR_CHILD_PROCESS', { reason: `its control group could not be set up below ${parent}: ${messageOf(cause)}`, advice: ADVICE }, { cause });
    }
  }

  /** Puts a process into the group, with all its threads. @throws LoadError ERR_CHILD_PROCESS */
  add(pid: number): void {
    try {
      writeFileSync(join(this.path, 'cgroup.procs'), String(pid));
    } catch (cause) {
      throw new LoadError('ERR_CHILD_PROCESS', { reason: `it could not be put into its control group ${this.path}: ${messageOf(cause)}`, advice: ADVICE }, { cause });
    }
  }

  /** The limit that ended the process, or kept it from starting a thread; completes "it reached …". */
  reached(): string | undefined {
    const { memoryBytes, tasks } = this.limits;
    const has = (file: string, key: string): boolean => (readCounter({ file: join(this.path, file), key }) ?? 0) > 0;
    if (isFinite(memoryBytes) && has('memory.events', 'oom_kill')) return `its memory limit of ${Math.round(memoryBytes / (1 << 20))} MiB (processes.limits.memoryBytes)`;
    if (isFinite(tasks) && has('pids.events', 'max')) return `its limit of ${tasks} threads and processes (processes.limits.tasks)`;
    return undefined;
  }

  /** Ends what is left in the group and removes it. Never rejects. */
  async remove(): Promise<void> {
    if (isRemoved(this.path)) return;
    this.#killAll();
    for (let tries = 0; tries < MAX_TRIES && !isRemoved(this.path); tries++) await pause(RETRY_MS);
  }

  #killAll(): void {
    try {
      this.#write('cgroup.kill', '1');
    } catch {
      // Before Linux 5.14. The process group of the child has been killed.
    }
  }

  #write(name: string, text: string): void {
    const file = join(this.path, name);
    if (OPTIONAL_FILES.includes(name) && !existsSync(file)) return;
    writeFileSync(file, text);
  }
}

/** Until the processes of a group that were killed have ended. */
const RETRY_MS = 20;
const MAX_TRIES = 250;

const ADVICE =
  'processes.cgroup must be a control group of version 2 that this user may change, with the controllers that the limits need, and with no processes directly in it (systemd: Delegate=yes and DelegateSubgroup=). See docs/isolation.md.';

/** Lets the groups below use these controllers. @throws Error */
function enableControllers(parent: string, controllers: readonly string[]): void {
  const listed = (name: string): readonly string[] => readFileSync(join(parent, name), 'utf8').trim().split(/\s+/);
  const available = listed('cgroup.controllers');
  const missing = controllers.filter((controller) => !available.includes(controller));
  if (missing.length > 0) throw new Error(`it has no controller ${missing.join(', ')} (it has: ${available.join(', ') || 'none'})`);
  const enabled = listed('cgroup.subtree_control');
  for (const controller of controllers) if (!enabled.includes(controller)) writeFileSync(join(parent, 'cgroup.subtree_control'), `+${controller}`);
}

/** Returns false if it still has processes. */
function isRemoved(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return systemCode(error) === 'ENOENT';
  }
}

/** Removes the groups of hosts that ended without doing so. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-\\d+-\\d+$`).exec(name)?.[1];
    if (pid !== undefined && !isAlive({ pid: Number(pid), started: UNKNOWN_START })) isRemoved(join(parent, name));
  }
}
