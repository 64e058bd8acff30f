import { execFile } from 'node:child_process';
import { basename, isAbsolute } from 'node:path';
import { promisify } from 'node:util';
import { LoadError, messageOf } from '../../errors/index.js';
import { startFolder } from '../../options/folders.js';
import { ASKED, NODE_PATH_ADVICE, STARTED_AS_CHILD } from '../wire/host-in-child.js';

const MINIMUM = { major: 20, minor: 19 };
/** By path. */
const checks = new Map<string, Promise<void>>();

/**
 * The path of Node: `given`, which is absolute (a name would be searched in PATH, which may include the current folder), or
 * the program that runs this host. That may be the host itself, packaged as a single executable, so a program that is not
 * known to be Node is run once to find out. @throws LoadError ERR_CHILD_PROCESS
 */
export async function nodeProgram(given: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  const program = given ?? process.execPath;
  if (given === undefined) {
    if (isPackaged()) throw notNode(program, 'it is this host, packaged as a single executable');
    // Without /proc, execPath is the name that was typed.
    if (!isAbsolute(program)) throw notNode(program, 'it is not an absolute path');
    if (isNamedNode(program) || process.versions.electron !== undefined) return program;
  }
  let check = checks.get(program);
  if (check === undefined) checks.set(program, (check = requireNode(program, env)));
  try {
    await check;
  } catch (error) {
    checks.delete(program); // the file may have been replaced next time
    throw error;
  }
  return program;
}

const isNamedNode = (program: string): boolean => /^node(js)?([-_.\d].*)?$/i.test(basename(program));

/** Whether the host is a single executable application of Node, or was made by pkg or nexe. */
function isPackaged(): boolean {
  // Not imported: Node 20.19 may lack the module.
  const sea = process.getBuiltinModule?.('node:sea') as { isSea(): boolean } | undefined;
  return sea?.isSea() === true || 'pkg' in process || '__nexe' in process;
}

const FACTS = 'JSON.stringify({ version: process.versions.node, platform: process.platform, arch: process.arch })';
const ANSWER_TIMEOUT_MS = 30_000;

/** Runs the program and checks its answer. Another program fails, or is killed. */
async function requireNode(program: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { stdout } = await ask(program, env);
  const { version, platform, arch } = factsIn(stdout);
  if (typeof version !== 'string') throw notNode(program, 'it does not answer as Node does');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < MINIMUM.major || (major === MINIMUM.major && minor < MINIMUM.minor);
  if (isOld) throw notNode(program, `it is Node ${version}; the oldest supported version is ${MINIMUM.major}.${MINIMUM.minor}`);
  if (platform !== process.platform || arch !== process.arch) {
    throw notNode(program, `it is Node for ${String(platform)} ${String(arch)}, but the host runs on ${process.platform} ${process.arch}`);
  }
}

async function ask(program: string, env: NodeJS.ProcessEnv): Promise<{ readonly stdout: string }> {
  try {
    const options = { cwd: startFolder(), env: { ...env, [STARTED_AS_CHILD]: ASKED }, timeout: ANSWER_TIMEOUT_MS, killSignal: 'SIGKILL', windowsHide: true } as const;
    return await promisify(execFile)(program, ['-p', FACTS], options);
  } catch (cause) {
    throw notNode(program, messageOf(cause).split('\n')[0] ?? '', cause);
  }
}

function factsIn(stdout: string): Readonly<Record<string, unknown>> {
  try {
    const facts: unknown = JSON.parse(stdout);
    return typeof facts === 'object' && facts !== null ? { ...facts } : {};
  } catch {
    return {};
  }
}

function notNode(program: string, why: string, cause?: unknown): LoadError {
  const reason = `${program} cannot run it: ${why}`;
  return new LoadError('ERR_CHILD_PROCESS', { reason, advice: NODE_PATH_ADVICE }, cause === undefined ? {} : { cause });
}
