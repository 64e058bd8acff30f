import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { LoadError } from '../errors/index.js';
import { WARNING_PREFIX, type Trace } from '../report/trace.js';
import type { Candidate } from '../scan/index.js';

/** The environment that the plugin will have. */
type Environment = Readonly<NodeJS.ProcessEnv>;

/**
 * Checks what the manifest requires of the system, in the environment that the plugin will have. What is optional and missing
 * becomes a warning that says what will not work. @throws LoadError ERR_REQUIREMENT
 */
export async function checkRequirements({ id, manifestPath, manifest }: Candidate, environment: Environment, trace: Trace): Promise<void> {
  const { requirements } = manifest;
  if (requirements === undefined) return;
  const { env, programs, optionalEnv, optionalPrograms } = requirements;
  await trace.check('manifest', 'requirements', async () => {
    const missing = [...missingVariables(env, environment).map(variable), ...(await missingPrograms(programs, environment)).map(program)];
    if (missing.length > 0) throw new LoadError('ERR_REQUIREMENT', { missing }, { pluginId: id, path: manifestPath });
  });
  const warn = (what: string, consequence: string | undefined): void =>
    trace.note('manifest', `${WARNING_PREFIX}requirements`, `${what} is missing; this will not work: ${consequence ?? ''}`);
  for (const name of missingVariables(Object.keys(optionalEnv), environment)) warn(variable(name), optionalEnv[name]);
  for (const name of await missingPrograms(Object.keys(optionalPrograms), environment)) warn(program(name), optionalPrograms[name]);
}

const variable = (name: string): string => `the environment variable ${name}`;
const program = (name: string): string => `the program ${name}`;

/** An empty variable counts as missing: that is how people unset one. */
const missingVariables = (names: readonly string[], environment: Environment): string[] =>
  names.filter((name) => (environment[name] ?? '') === '');

async function missingPrograms(names: readonly string[], environment: Environment): Promise<string[]> {
  const found = await Promise.all(names.map((name) => isOnPath(name, environment)));
  return names.filter((_name, index) => found[index] !== true);
}

/** Windows ignores the case of variable names, and calls this one `Path`. */
function pathOf(environment: Environment): string {
  if (process.platform !== 'win32') return environment.PATH ?? '';
  return Object.entries(environment).find(([name]) => name.toUpperCase() === 'PATH')?.[1] ?? '';
}

/** Relative folders on the PATH do not count: the current folder may be untrusted. */
async function isOnPath(name: string, environment: Environment): Promise<boolean> {
  const folders = pathOf(environment).split(delimiter).filter(isAbsolute);
  const endings = process.platform === 'win32' ? ['', ...(environment.PATHEXT ?? '.COM;.EXE;.BAT;.CMD').split(';')] : [''];
  for (const folder of folders) {
    for (const ending of endings) if (await isProgram(join(folder, `${name}${ending}`))) return true;
  }
  return false;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
