import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { LoadError, messageOf } from '../../errors/index.js';
import { fileStamp, isSameStamp, type FileStamp } from '../../files/file-stamp.js';
import { monotonicNow } from '../../machine/node-timers.js';
import { isNamedNode, otherRuntime } from '../../options/runtime.js';
import { ASKED, NODE_PATH_ADVICE, STARTED_AS_CHILD } from '../wire/host-in-child.js';
import { factsOf, type Facts } from './node-facts.js';
import { nodesOnPath } from './nodes-on-path.js';

const MINIMUM = { major: 20, minor: 19 };
const INSTALL_NODE_ADVICE = `Install Node ${MINIMUM.major}.${MINIMUM.minor} or newer, or set processes.nodePath or the environment variable AISOPOD_PLUGIN_NODE to its absolute path.`;

interface Check {
  /** Of the program's file when it was asked. */
  readonly stamp: FileStamp | undefined;
  readonly result: Promise<void>;
  /** When it turned out not to be Node, by `monotonicNow()`. */
  refusedAt?: number;
}

/** What programs answered, by path. */
const checks = new Map<string, Check>();
/** A script that is not changed itself may start something else later. */
const REMEMBER_REFUSAL_MS = 60_000;

/** An environment variable of the host: the absolute path of Node, if the option `nodePath` is not given. */
const NODE_VARIABLE = 'AISOPOD_PLUGIN_NODE';

/**
 * The path of Node. `given` or the environment variable, which are absolute (a name would be searched in PATH, which may include
 * the current folder); under Bun and Deno the first Node in PATH; otherwise the program that runs this host. That may be the host
 * itself, packaged as a single executable, so a program that is not known to be Node is run once to find out.
 * @throws LoadError ERR_CHILD_PROCESS
 */
export async function nodeProgram(given: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  const program = given ?? programFromEnvironment();
  if (program !== undefined) return checked(program, env);
  const runtime = otherRuntime();
  if (runtime !== undefined) return nodeOnPath(runtime, env);
  const { execPath } = process;
  if (isPackaged()) throw notNode(execPath, 'it is this host, packaged as a single executable');
  // Without /proc, execPath is the name that was typed.
  if (!isAbsolute(execPath)) throw notNode(execPath, existsSync('/proc/self/exe') ? 'it is not an absolute path' : 'it is not an absolute path, since /proc is not mounted');
  return isNamedNode(execPath) || process.versions.electron !== undefined ? execPath : checked(execPath, env);
}

function programFromEnvironment(): string | undefined {
  const program = process.env[NODE_VARIABLE];
  if (program === undefined || program === '') return undefined;
  if (!isAbsolute(program)) throw notNode(program, `it is the value of ${NODE_VARIABLE}, which must be an absolute path`);
  return program;
}

async function nodeOnPath(runtime: string, env: NodeJS.ProcessEnv): Promise<string> {
  const unsuitable: string[] = [];
  for (const program of nodesOnPath()) {
    try {
      return await checked(program, env);
    } catch (error) {
      unsuitable.push(error instanceof LoadError && error.code === 'ERR_CHILD_PROCESS' ? error.reason : messageOf(error));
    }
  }
  const reason = [`it runs on Node, the host runs on ${runtime}, and PATH has no suitable Node`, ...unsuitable].join('; ');
  throw new LoadError('ERR_CHILD_PROCESS', { reason, advice: INSTALL_NODE_ADVICE });
}

/**
 * Checks a program once, and again only when its file has changed, or some time after it was refused: it may be this host, which
 * must not start itself again and again. @throws LoadError ERR_CHILD_PROCESS
 */
async function checked(program: string, env: NodeJS.ProcessEnv): Promise<string> {
  const stamp = fileStamp(program);
  let check = checks.get(program);
  if (check === undefined || !isSameStamp(check.stamp, stamp) || isExpired(check)) checks.set(program, (check = { stamp, result: requireNode(program, env) }));
  try {
    await check.result;
  } catch (error) {
    check.refusedAt ??= monotonicNow();
    if (!hasAnswered(error) && checks.get(program) === check) checks.delete(program);
    throw error;
  }
  return program;
}

const isExpired = ({ refusedAt = Infinity }: Check): boolean => monotonicNow() - refusedAt > REMEMBER_REFUSAL_MS;

/** Whether the program ran to its end. If it could not start or was killed, that may be the machine's doing. */
function hasAnswered(error: unknown): boolean {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return cause === undefined || typeof cause.code === 'number';
}

/** Whether the host is a single executable application of Node, or was made by pkg or nexe. */
function isPackaged(): boolean {
  // Not imported: Node 20.19 may lack the module.
  const sea = process.getBuiltinModule?.('node:sea') as { isSea(): boolean } | undefined;
  return sea?.isSea() === true || 'pkg' in process || '__nexe' in process;
}

/** Runs the program and checks its answer. Another program fails, or is killed. */
async function requireNode(program: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { version, platform, arch, bun, deno } = await ask(program, env);
  if (bun !== undefined || deno !== undefined) throw notNode(program, `it is ${bun === undefined ? 'Deno' : 'Bun'}`);
  if (typeof version !== 'string') throw notNode(program, 'it does not answer as Node does');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < MINIMUM.major || (major === MINIMUM.major && minor < MINIMUM.minor)) throw notNode(program, `it is Node ${version}; the oldest supported version is ${MINIMUM.major}.${MINIMUM.minor}`);
  if (platform !== process.platform || arch !== process.arch) {
    throw notNode(program, `it is Node for ${String(platform)} ${String(arch)}, but the host runs on ${process.platform} ${process.arch}`);
  }
}

async function ask(program: string, env: NodeJS.ProcessEnv): Promise<Facts> {
  try {
    return await factsOf(program, { ...env, [STARTED_AS_CHILD]: ASKED });
  } catch (cause) {
    throw notNode(program, messageOf(cause).split('\n')[0] ?? '', cause);
  }
}

function notNode(program: string, why: string, cause?: unknown): LoadError {
  const reason = `${program} cannot run it: ${why}`;
  return new LoadError('ERR_CHILD_PROCESS', { reason, advice: NODE_PATH_ADVICE }, cause === undefined ? {} : { cause });
}
