import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../errors/index.js';
import { packageRoot } from '../../files/index.js';
import { MANIFEST_FILENAME } from '../../manifest/index.js';
import { RefusedError } from '../command.js';

const run = promisify(execFile);

const FLAGS = '-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g -O1';
/** Of a build, and of the compiler that is asked for its libraries. */
const BUILD_MS = 600_000;
const MAX_OUTPUT = 64 * 1024 * 1024;
const MAX_DEPTH = 6;

/** A plugin that was built with sanitizers. */
export interface SanitizedBuild {
  /** The plugin folder in the build. */
  readonly folder: string;
  /** What the processes of checks need: the libraries of the sanitizers come before all others. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Builds the CMake project in `source` into `build` with AddressSanitizer and UndefinedBehaviorSanitizer.
 * @throws RefusedError if it cannot be built, or has not exactly one plugin
 */
export async function buildSanitized(source: string, build: string, signal: AbortSignal): Promise<SanitizedBuild> {
  if (process.platform !== 'linux') throw new RefusedError('--sanitize needs Linux with gcc: the libraries of the sanitizers are loaded before the program of Node');
  await mkdir(build, { recursive: true });
  const kit = join(packageRoot() ?? '', 'cmake');
  const settings = ['CMAKE_BUILD_TYPE=RelWithDebInfo', 'CMAKE_C_COMPILER=gcc', 'CMAKE_CXX_COMPILER=g++', `CMAKE_C_FLAGS=${FLAGS}`, `CMAKE_CXX_FLAGS=${FLAGS}`, `aisopod-plugin_DIR=${kit}`];
  await command('cmake', ['-S', source, '-B', build, ...settings.map((setting) => `-D${setting}`)], signal);
  await command('cmake', ['--build', build, '--parallel'], signal);
  const folders = (await manifestsIn(build, 0)).map((file) => dirname(file));
  const [folder, second] = folders;
  if (folder === undefined) throw new RefusedError(`${source} builds no plugin folder: aisopod_add_plugin() with MANIFEST makes one`);
  if (second !== undefined) throw new RefusedError(`${source} builds several plugins: ${folders.join(', ')}; give the folder of a project with one`);
  return { folder, env: await sanitizerEnvironment(signal) };
}

async function command(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    const { stdout } = await run(program, args, { signal, timeout: BUILD_MS, maxBuffer: MAX_OUTPUT });
    return stdout;
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { readonly stdout?: string; readonly stderr?: string };
    throw new RefusedError(`${program} failed: ${`${stdout}${stderr}`.trim().slice(-4000) || messageOf(cause)}`);
  }
}

/** The manifests below the folder of a build. */
async function manifestsIn(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const inside = entries.filter((entry) => entry.isDirectory() && depth < MAX_DEPTH).map(({ name }) => manifestsIn(join(folder, name), depth + 1));
  const here = entries.filter(({ name }) => name === MANIFEST_FILENAME).map(({ name }) => join(folder, name));
  return [...here, ...(await Promise.all(inside)).flat()];
}

async function sanitizerEnvironment(signal: AbortSignal): Promise<NodeJS.ProcessEnv> {
  const libraries = await Promise.all(['libasan.so', 'libubsan.so'].map((name) => command('gcc', [`-print-file-name=${name}`], signal)));
  return {
    LD_PRELOAD: libraries.map((path) => path.trim()).join(' '),
    // Node keeps memory until its process ends. Crashes are the result of the check, with the signal that they had.
    ASAN_OPTIONS: 'detect_leaks=0:detect_odr_violation=0:handle_segv=0:handle_sigbus=0:handle_abort=0:abort_on_error=1',
    UBSAN_OPTIONS: 'print_stacktrace=1:abort_on_error=1',
  };
}
