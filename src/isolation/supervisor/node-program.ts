import { execFile } from 'node:child_process';
import { basename, isAbsolute } from 'node:path';
import { promisify } from 'node:util';
import { LoadError, messageOf } from '../../errors/index.js';
import { startFolder } from '../../options/folders.js';
import { ASKED, NODE_PATH_ADVICE, STARTED_AS_CHILD } from '../wire/host-in-child.js';

const MINIMUM = { major: 20, minor: 19 };
const recognized = new Map<string, Promise<void>>();

/**
 * The path of Node: `given`, which is absolute (a name would be looked for in PATH, which may lead to the current folder), or
 * the program that runs this host. That may be the host itself, made into one executable file; what is not known to be Node
 * is asked before it is trusted with a plugin. @throws LoadError ERR_CHILD_PROCESS
 */
export async function nodeProgram(given: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  const program = given ?? process.execPath;
  if (given === undefined) {
    if (isPackaged()) throw notNode(program, 'it is this host, made into one executable file');
    // Without /proc Node knows its program by the name that was typed.
    if (!isAbsolute(program)) throw notNode(program, 'it is no absolute path');
    if (isNamedNode(program) || process.versions.electron !== undefined) return program;
  }
  let asked = recognized.get(program);
  if (asked === undefined) recognized.set(program, (asked = recognize(program, env)));
  try {
    await asked;
  } catch (error) {
    recognized.delete(program); // another one may be there next time
    throw error;
  }
  return program;
}

const isNamedNode = (program: string): boolean => /^node(js)?([-_.\d].*)?$/i.test(basename(program));

/** A single executable application of Node's own, or one made by pkg or nexe. */
function isPackaged(): boolean {
  // Not imported: not every Node that this package runs on has the module.
  const sea = process.getBuiltinModule?.('node:sea') as { isSea(): boolean } | undefined;
  return sea?.isSea() === true || 'pkg' in process || '__nexe' in process;
}

const FACTS = 'JSON.stringify({ version: process.versions.node, platform: process.platform, arch: process.arch })';
const ANSWER_MS = 30_000;

/** Has it say what it is. Another program does something else, and ends, or is ended. */
async function recognize(program: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { stdout } = await ask(program, env);
  const { version, platform, arch } = factsIn(stdout);
  if (typeof version !== 'string') throw notNode(program, 'it does not answer as Node does');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < MINIMUM.major || (major === MINIMUM.major && minor < MINIMUM.minor);
  if (isOld) throw notNode(program, `it is Node ${version}, and ${MINIMUM.major}.${MINIMUM.minor} is the oldest that works`);
  if (platform !== process.platform || arch !== process.arch) {
    throw notNode(program, `it is Node for ${String(platform)} ${String(arch)}, and the host runs on ${process.platform} ${process.arch}`);
  }
}

async function ask(program: string, env: NodeJS.ProcessEnv): Promise<{ readonly stdout: string }> {
  try {
    const options = { cwd: startFolder(), env: { ...env, [STARTED_AS_CHILD]: ASKED }, timeout: ANSWER_MS, killSignal: 'SIGKILL', windowsHide: true } as const;
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
