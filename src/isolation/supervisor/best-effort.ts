import { messageOf } from '../../errors/index.js';
import { giveUpSandbox, sandboxSupport } from '../sandbox/probe.js';
import { NO_GRANTS } from '../sandbox/grants.js';
import { IDLE, type ChildEnd } from './child-end.js';
import type { ChildSandbox } from './child-sandbox.js';
import { childEnvironment } from './environment.js';
import { nodeProgram } from './node-program.js';
import type { SupervisorSettings } from './process-options.js';
import { startChild } from './start-child.js';
import type { SupervisedChild, SupervisedSession } from './supervised-child.js';

/** A sandboxed child has been ready, so the sandbox works on this system: a later start that fails has another reason. */
let isProven = false;
let verdict: Promise<boolean> | undefined;

/**
 * Starts a child, in its sandbox if this system can start one there. What a system claims may not work after all: a container may forbid a
 * call, or a Node may need files that are not known. Once a sandboxed child was ready, no child starts without its sandbox: a plugin that
 * runs could otherwise make the start of another one fail.
 */
export async function startWithBestEffort<C>(sandbox: ChildSandbox | undefined, settings: SupervisorSettings, start: (sandbox: ChildSandbox | undefined) => Promise<C>): Promise<C> {
  if (sandbox?.grants === undefined) return start(sandbox);
  const { env, inheritEnv, mayGoWithout } = sandbox;
  if (mayGoWithout === true && sandboxSupport().level === 'none') return start({ env, inheritEnv });
  // Without a suitable Node nothing starts, sandbox or not, and a host that would start itself must not do so again and again.
  if (!isProven) await nodeProgram(settings.nodePath, childEnvironment(settings));
  try {
    const child = await start(sandbox);
    isProven = true;
    return child;
  } catch (error) {
    if (isProven || mayGoWithout !== true || !(await isSandboxBroken(settings))) throw error;
    return start({ env, inheritEnv });
  }
}

/** Children that start at the same time ask once. */
function isSandboxBroken(settings: SupervisorSettings): Promise<boolean> {
  verdict ??= findOut(settings).finally(() => (verdict = undefined));
  return verdict;
}

/**
 * Starts one child without a sandbox and then one with it, for no plugin: what a plugin asks for cannot be the reason then. In this order,
 * because the start that failed was with a sandbox too: what fails before and after one without it is not a passing trouble of the machine.
 */
async function findOut(settings: SupervisorSettings): Promise<boolean> {
  if ((await problemWith(settings, undefined)) !== undefined) return false;
  const problem = await problemWith(settings, { grants: NO_GRANTS, env: {}, inheritEnv: [] });
  if (problem === undefined) isProven = true;
  if (problem === undefined || problem === 'machine') return false;
  giveUpSandbox(problem);
  settings.logger.warn(`plugins run without a sandbox, because no process starts in one here: ${problem}`);
  return true;
}

/** These may keep a child from starting, too. */
const LEFT_OUT = ['limits', 'cgroup', 'memoryLimitBytes', 'onDenied'];

/** Why no child starts; 'machine' if that may be different later. */
async function problemWith(settings: SupervisorSettings, sandbox: ChildSandbox | undefined): Promise<string | undefined> {
  let end: ChildEnd | undefined;
  const onEnd = (_child: SupervisedChild, ended: ChildEnd): void => void (end = ended);
  try {
    const few = Object.fromEntries(Object.entries(settings).filter(([name]) => !LEFT_OUT.includes(name))) as unknown as SupervisorSettings;
    const child = await startChild({ settings: few, sandbox, isAlone: true, waitForDebugger: false, pluginIds: () => '', openSession: noSession, onEnd });
    child.kill('was not needed');
    await child.ended;
    return undefined;
  } catch (error) {
    return end?.machine === undefined ? messageOf(error) : 'machine';
  }
}

const noSession = (): SupervisedSession => ({ take: () => 'a message about a plugin', onLostWakeUp: () => undefined, lastRequest: IDLE, close: () => undefined });
