import { LoadError } from '../../errors/index.js';
import { lookAtMachine } from '../../machine/machine-cause.js';
import { CANNOT_LIMIT_MEMORY, canMeasureMemory } from '../../machine/measure-memory.js';
import { keepAlive } from '../../options/keep-alive.js';
import { STEP_PATIENCE_MS } from '../../options/process-clock.js';
import { prepareSchemas } from '../../schema/index.js';
import type { ChildEnd } from './child-end.js';
import { childEntry } from './child-entry.js';
import type { ChildSandbox } from './child-sandbox.js';
import { nodeProgram } from './node-program.js';
import { eachLine } from './output-lines.js';
import type { SupervisorSettings } from './process-options.js';
import { SandboxHandover } from './sandbox-handover.js';
import { spawnInGroup } from './spawn-in-group.js';
import { StartOutput } from './start-output.js';
import type { CallWay } from '../wire/messages.js';
import { SupervisedChild, type SupervisedSession } from './supervised-child.js';

/** From the start of the process until it is ready. */
const START_TIMEOUT_MS = 30_000;

export interface ChildStart<S extends SupervisedSession> {
  readonly settings: SupervisorSettings;
  /** The child has one plugin only. */
  readonly isAlone: boolean;
  /** The child waits for a debugger, and gets no heartbeats. */
  readonly waitForDebugger: boolean;
  /** Absent for none. A promise: it becomes known later, and the launcher waits for it. If it is rejected, the child is not needed. */
  readonly sandbox?: ChildSandbox | Promise<ChildSandbox> | undefined;
  /** The ids of the plugins that are in the child at the time, as text. */
  readonly pluginIds: () => string;
  readonly openSession: (child: SupervisedChild<S>) => S;
  readonly onEnd: (child: SupervisedChild<S>, end: ChildEnd) => void;
}

/** Starts a child and waits until it is ready. Its output goes to the log. @throws LoadError ERR_CHILD_PROCESS */
export async function startChild<S extends SupervisedSession>(start: ChildStart<S>): Promise<SupervisedChild<S>> {
  const { settings, waitForDebugger, pluginIds } = start;
  const plugins = pluginIds();
  const handover = new SandboxHandover(settings, start.sandbox);
  requireMemoryMeasure(settings.memoryLimitBytes);
  lookAtMachine();
  const options = {
    node: await nodeProgram(settings.nodePath, handover.start.env),
    entry: childEntry(settings.childEntry),
    argument: { plugins, hostPid: process.pid, memoryLimitBytes: settings.memoryLimitBytes, limits: settings.limits, debug: waitForDebugger },
    calls: start.isAlone ? callWay(settings) : undefined,
    ...handover.start,
  };
  const spawned = await spawnInGroup(options, settings);
  const child: SupervisedChild<S> = new SupervisedChild<S>(spawned, {
    openSession: start.openSession,
    maxPayloadBytes: settings.maxPayloadBytes,
    heartbeatMs: waitForDebugger ? undefined : settings.heartbeatMs,
    guard: () => handover.guard(pluginIds),
    onEnd: (end) => start.onEnd(child, end),
  });
  eachLine(spawned.stdout, (line) => settings.logger.info(line, { pluginId: pluginIds(), stream: 'stdout' }));
  const output = new StartOutput();
  eachLine(spawned.stderr, (line) => {
    output.add(line);
    settings.logger.warn(line, { pluginId: pluginIds(), stream: 'stderr' });
  });
  await handover.complete(spawned).catch(async (error: unknown) => {
    child.kill('was not needed');
    await child.ended;
    throw error;
  });
  await untilReady(child).catch((error: unknown) => {
    throw output.explain(error);
  });
  output.stop();
  if (waitForDebugger) process.stderr.write(`aisopod-plugin: ${plugins}: process ${child.pid ?? 0} waits for a debugger (docs/isolation.md)\n`);
  return child;
}

/** Plugins that share a child get their calls as messages. */
const callWay = ({ transport }: SupervisorSettings): CallWay => (transport === 'socket' ? 'socket' : 'memory');

async function untilReady<S extends SupervisedSession>(child: SupervisedChild<S>): Promise<void> {
  const onLate = (): void => child.kill(`was not ready within ${START_TIMEOUT_MS} ms`);
  const cancelTimer = child.clock.deadline(START_TIMEOUT_MS, onLate, { patienceMs: STEP_PATIENCE_MS });
  const release = keepAlive();
  prepareSchemas(); // the child boots meanwhile
  try {
    await child.ready;
  } finally {
    cancelTimer();
    release();
  }
}

/** The child would notice too, but could not say what to do. @throws LoadError ERR_CHILD_PROCESS */
function requireMemoryMeasure(memoryLimitBytes: number | undefined): void {
  if (memoryLimitBytes === undefined || canMeasureMemory()) return;
  const advice = 'Mount /proc where the host runs, or leave out processes.memoryLimitBytes.';
  throw new LoadError('ERR_CHILD_PROCESS', { reason: `it ${CANNOT_LIMIT_MEMORY}`, advice });
}
