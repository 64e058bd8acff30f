import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../errors/index.js';
import { packageRoot } from '../../files/index.js';
import { MANIFEST_FILENAME } from '../../manifest/index.js';
import { RefusedError } from '../command.js';
import { GATE_SOURCE } from './gate-source.js';
import { librariesOf, MEMORY, requireStart, THREADS, type Sanitizer } from './sanitizers.js';

const run = promisify(execFile);

/** Of a build. */
const BUILD_MS = 600_000;
const MAX_OUTPUT = 64 * 1024 * 1024;
const MAX_DEPTH = 6;

/** A plugin that was built with sanitizers. */
export interface SanitizedBuild {
  /** The plugin folder in the build. */
  readonly folder: string;
  /** What the processes of checks need: the libraries of the sanitizers come before all others. */
  readonly env: NodeJS.ProcessEnv;
  /** How many times as long everything may take. */
  readonly slowdown: number;
  /** Of ThreadSanitizer: the library of GATE_SOURCE. */
  readonly gate?: string;
}

/**
 * Builds the CMake project in `source` in the folder `build`: with AddressSanitizer and UndefinedBehaviorSanitizer, and once more
 * with ThreadSanitizer, which cannot be combined with them. `onProblem` hears why ThreadSanitizer is left out.
 * @throws RefusedError if it cannot be built, or has not exactly one plugin
 */
export async function buildSanitized(source: string, build: string, onProblem: (message: string) => void, signal: AbortSignal): Promise<readonly SanitizedBuild[]> {
  if (process.platform !== 'linux') throw new RefusedError('--sanitize needs Linux with gcc: the libraries of the sanitizers are loaded before the program of Node');
  const first = await buildWith(MEMORY, source, join(build, 'memory'), signal);
  try {
    await requireStart(THREADS, signal);
  } catch (cause) {
    onProblem(`ThreadSanitizer is left out: ${messageOf(cause)}`);
    return [first];
  }
  const second = await buildWith(THREADS, source, join(build, 'threads'), signal);
  return [first, { ...second, gate: await buildGate(build, signal) }];
}

async function buildWith(sanitizer: Sanitizer, source: string, build: string, signal: AbortSignal): Promise<SanitizedBuild> {
  await mkdir(build, { recursive: true });
  const flags = `${sanitizer.flags} -fno-omit-frame-pointer -g -O1`;
  const kit = join(packageRoot() ?? '', 'cmake');
  const settings = ['CMAKE_BUILD_TYPE=RelWithDebInfo', 'CMAKE_C_COMPILER=gcc', 'CMAKE_CXX_COMPILER=g++', `CMAKE_C_FLAGS=${flags}`, `CMAKE_CXX_FLAGS=${flags}`, `aisopod-plugin_DIR=${kit}`];
  await command('cmake', ['-S', source, '-B', build, ...settings.map((setting) => `-D${setting}`)], signal);
  await command('cmake', ['--build', build, '--parallel'], signal);
  const folders = (await manifestsIn(build, 0)).map((file) => dirname(file));
  const [folder, second] = folders;
  if (folder === undefined) throw new RefusedError(`${source} builds no plugin folder: aisopod_add_plugin() with MANIFEST makes one`);
  if (second !== undefined) throw new RefusedError(`${source} builds several plugins: ${folders.join(', ')}; give the folder of a project with one`);
  const LD_PRELOAD = (await librariesOf(sanitizer, signal)).join(' ');
  return { folder, env: { LD_PRELOAD, ...sanitizer.env }, slowdown: sanitizer.slowdown };
}

async function buildGate(build: string, signal: AbortSignal): Promise<string> {
  const [source, library] = [join(build, 'gate.c'), join(build, 'libgate.so')];
  await writeFile(source, GATE_SOURCE);
  await command('gcc', ['-std=gnu99', '-O1', '-shared', '-fPIC', '-o', library, source], signal);
  return library;
}

async function command(program: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await run(program, args, { signal, timeout: BUILD_MS, maxBuffer: MAX_OUTPUT });
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
