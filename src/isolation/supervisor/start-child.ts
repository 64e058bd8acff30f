import { LoadError, messageOf } from '../../errors/index.js';
import { callGuarded } from '../../log/call-guarded.js';
import { lookAtMachine } from '../../machine/machine-cause.js';
import { CANNOT_LIMIT_MEMORY, canMeasureMemory } from '../../machine/measure-memory.js';
import { keepAlive } from '../../options/keep-alive.js';
import { STEP_PATIENCE_MS } from '../../options/process-clock.js';
import type { ChildEnd } from './child-end.js';
import { guardChild } from '../sandbox/connect/guard.js';
import type { Denial } from '../sandbox/trace/denial.js';
import { sandboxSupport } from '../sandbox/probe.js';
import type { Guard } from './connect-guard.js';
import { childEntry } from './child-entry.js';
import { childEnvironment } from './environment.js';
import { nodeProgram } from './node-program.js';
import { eachLine } from './output-lines.js';
import type { SupervisorSettings } from './process-options.js';
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
  /** The ids of the plugins that are in the child at the time, as text. */
  readonly pluginIds: () => string;
  readonly openSession: (child: SupervisedChild<S>) => S;
  readonly onEnd: (child: SupervisedChild<S>, end: ChildEnd) => void;
}

/** Starts a child and waits until it is ready. Its output goes to the log. @throws LoadError ERR_CHILD_PROCESS */
export async function startChild<S extends SupervisedSession>(start: ChildStart<S>): Promise<SupervisedChild<S>> {
  const { settings, waitForDebugger, pluginIds } = start;
  const plugins = pluginIds();
  const env = childEnvironment(settings);
  requireMemoryMeasure(settings.memoryLimitBytes);
  lookAtMachine();
  const options = {
    node: await nodeProgram(settings.nodePath, env),
    entry: childEntry(settings.childEntry),
    argument: { plugins, hostPid: process.pid, memoryLimitBytes: settings.memoryLimitBytes, limits: settings.limits, debug: waitForDebugger },
    calls: start.isAlone ? callWay(settings) : undefined,
    env,
    sandbox: settings.sandbox,
    wantsTrace: settings.onDenied !== undefined,
  };
  const spawned = await spawnInGroup(options, settings);
  const child: SupervisedChild<S> = new SupervisedChild<S>(spawned, {
    openSession: start.openSession,
    maxPayloadBytes: settings.maxPayloadBytes,
    heartbeatMs: waitForDebugger ? undefined : settings.heartbeatMs,
    guard: guardOf(settings, pluginIds),
    onEnd: (end) => start.onEnd(child, end),
  });
  eachLine(spawned.stdout, (line) => settings.logger.info(line, { pluginId: pluginIds(), stream: 'stdout' }));
  const output = new StartOutput();
  eachLine(spawned.stderr, (line) => {
    output.add(line);
    settings.logger.warn(line, { pluginId: pluginIds(), stream: 'stderr' });
  });
  await untilReady(child).catch((error: unknown) => {
    throw output.explain(error);
  });
  output.stop();
  if (waitForDebugger) process.stderr.write(`aisopod-plugin: ${plugins}: process ${child.pid ?? 0} waits for a debugger (docs/isolation.md)\n`);
  return child;
}

/** The host answers calls of a sandboxed child, if the system can do that: it makes the connections, and reports what is denied. */
function guardOf({ sandbox, onDenied, logger }: SupervisorSettings, pluginIds: () => string): Guard | undefined {
  if (sandbox === undefined || sandboxSupport().keys.connect !== 'enforced') return undefined;
  if (sandbox.connect.length === 0 && onDenied === undefined) return undefined;
  const report = (denial: Denial): void => callGuarded(() => onDenied?.({ ...denial, plugins: pluginIds().split(', ') }), (error) => logger.error(`onDenied failed: ${messageOf(error)}`));
  return (pid, listener, rules, onLost) => guardChild({ pid, listener, grants: sandbox, rules, report, onLost });
}

/** Plugins that share a child get their calls as messages. */
const callWay = ({ transport }: SupervisorSettings): CallWay => (transport === 'socket' ? 'socket' : 'memory');

async function untilReady<S extends SupervisedSession>(child: SupervisedChild<S>): Promise<void> {
  const onLate = (): void => child.kill(`was not ready within ${START_TIMEOUT_MS} ms`);
  const cancelTimer = child.clock.deadline(START_TIMEOUT_MS, onLate, { patienceMs: STEP_PATIENCE_MS });
  const release = keepAlive();
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
