import path from 'node:path';
import type { PluginError } from '../../src/errors/index.js';
import { ProcessLoader } from '../../src/isolation/proxy/process-loader.js';
import type { CrashInfo } from '../../src/isolation/supervisor/process-options.js';
import { PluginRegistry } from '../../src/registry/plugin-registry.js';
import type { Candidate } from '../../src/scan/index.js';
import { candidateOf, loaderOf, pause, until } from '../support/host.js';
import { hangs } from './fault-table.js';

/** Steps of its life in which the fixture `crasher` commits a fault. */
export const LIFE_STEPS = ['constructor', 'create', 'register', 'init', 'shutdown', 'destructor'] as const;
/** Its tools: INLINE, on a worker, on a thread that answers later, on one after the answer, in the answer of a call. */
export const TOOLS = ['inline', 'worker', 'pending', 'idle', 'callback'] as const;
export type FaultStep = (typeof LIFE_STEPS)[number] | (typeof TOOLS)[number];

/** What the host saw of one fault. */
export interface Seen {
  /** What its life or its invocation failed with. */
  readonly error: PluginError | undefined;
  readonly crash: CrashInfo | undefined;
  /** Whether it answers after the fault. */
  readonly answers: boolean;
  readonly shutdownError: PluginError | undefined;
}

/** For what hangs. The other faults get all the time that a slow machine may want. */
const HANG_MS = 1000;
const PATIENT_MS = 120_000;
/** After the answer of `idle`: when its fault has been committed, and nothing came of it. */
const IDLE_MS = 300;

let candidate: Promise<Candidate> | undefined;

const isLifeStep = (step: FaultStep): boolean => LIFE_STEPS.some((known) => known === step);

const failureOf = (promise: Promise<unknown>): Promise<PluginError | undefined> =>
  promise.then(
    () => undefined,
    (error: PluginError) => error,
  );

export type Transport = 'auto' | 'socket';

/**
 * Has `crasher` commit a fault in a child of its own that is not started again, and ends it. `mustCrash`: its child's end
 * is waited for. In `folder` are its data and the child's temporary files.
 */
export async function commitFault(step: FaultStep, fault: string, mustCrash: boolean, folder: string, transport: Transport = 'auto'): Promise<Seen> {
  let crash: CrashInfo | undefined;
  const loader = new ProcessLoader({
    hostVersion: '1.0.0',
    env: { TMPDIR: folder, AISOPOD_FIXTURE_FAULT: `${step}:${fault}` },
    timeouts: timeoutsOf(step, fault),
    graceMs: HANG_MS,
    transport,
    ...(fault.endsWith('memory') && { memoryLimitBytes: 256 << 20 }),
    restart: { most: 0 },
    onCrash: (info) => (crash = info),
  });
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir: path.join(folder, 'data') });
  const call = (tool: string, name: string, timeoutMs: number): Promise<unknown> =>
    registry.tool(tool)?.call({ fault: name }, { timeoutMs }) ?? Promise.reject(new Error(`no tool ${tool}`));
  const bringUp = async (): Promise<void> => {
    candidate ??= candidateOf(loaderOf(), 'crasher');
    await registry.register(await loader.loadPlugin(await candidate));
    await registry.init('crasher');
  };

  let error = await failureOf(bringUp());
  let answers = false;
  if (error === undefined) {
    if (!isLifeStep(step)) {
      error = await failureOf(call(step, fault, hangs(fault) ? HANG_MS : PATIENT_MS));
      if (step === 'idle') await pause(IDLE_MS);
      // On a busy machine a call may be given up before it has begun, which a host that uses a socket cannot tell.
      while (mustCrash && hangs(fault) && crash === undefined) await failureOf(call(step, fault, HANG_MS));
      if (mustCrash) await until(() => crash !== undefined);
    }
    answers = (await failureOf(call('worker', 'none', PATIENT_MS))) === undefined;
  }
  const shutdownError = await failureOf(registry.shutdown('crasher'));
  return { error, crash, answers, shutdownError };
}

function timeoutsOf(step: FaultStep, fault: string) {
  const of = (...steps: FaultStep[]): number => (hangs(fault) && steps.includes(step) ? HANG_MS : PATIENT_MS);
  return { create: of('constructor', 'create'), register: of('register'), init: of('init'), shutdown: of('shutdown') };
}

/** In one word or two: a signal, `exit 3`, `deadline`, `disconnected`, `survived`. */
export function endOf({ error, crash, shutdownError }: Seen): string {
  const failure = error ?? shutdownError ?? crash;
  if (failure === undefined) return 'survived';
  if ('code' in failure && failure.code !== 'ERR_LIFECYCLE_CRASHED' && failure.code !== 'ERR_PLUGIN_CRASHED') {
    const isLate = ['ERR_INVOCATION_TIMEOUT', 'ERR_LIFECYCLE_TIMEOUT', 'ERR_CREATE_FAILED'].includes(failure.code);
    return isLate ? 'deadline' : failure.message;
  }
  if (failure.reason.includes('closed its connection')) return 'disconnected';
  return failure.signal ?? `exit ${failure.exitCode}`;
}
