/**
 * Linux with musl, from nothing, on a Linux x64 with glibc: `node scripts/platforms/musl.mjs [folder or file below test/ ...]`.
 * Node for musl comes with an npm package, the compiler for musl is Zig from npm. The test plugins are built for musl in a copy of
 * this checkout, and jest runs there. Needs Debian or Ubuntu with their packages musl, patchelf, debian-archive-keyring, cmake and
 * ninja-build.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runAndSave } from './results.mjs';
import { ROOT, SCRATCH, buildNative, checkout, installedVersion, npmPackage, run, zigTools } from './steps.mjs';

const SUITES = [
  'errors', 'files', 'log', 'manifest', 'machine', 'options', 'payloads', 'schema', 'scan', 'triage', 'library', 'loader', 'capability', 'registry', 'plugin', 'quarantine', 'mcp', 'watch', 'trust',
  'host/sandbox', 'isolation/both-homes.test.ts', 'isolation/faults.test.ts', 'isolation/process-state.test.ts', 'isolation/sandbox', 'isolation/shared-memory', 'isolation/child', 'isolation/wire', 'isolation/proxy', 'isolation/call-socket',
];

if (!['/lib/ld-musl-x86_64.so.1', '/usr/bin/patchelf'].every((path) => existsSync(path))) throw new Error('packages are missing: apt-get install musl patchelf');

/** A single executable application of Node that its publisher built for musl. Without its mark it runs what it is given, as Node does. */
const PROGRAM = { name: '@pnpm/linuxstatic-x64', version: '11.21.0', file: 'pnpm' };
const MARK = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1';
/** The end of the head of the note with the application, and its name. A test makes another application of this Node. */
const NOTE = '\0\0\0\0NODE_SEA_BLOB\0';

/** What musl-libstdcxx.c is built as. */
const GLIBC_PARTS = 'ld-linux-x86-64.so.2';

function muslNode(tools) {
  const folder = join(SCRATCH, 'musl/node-with-rpath');
  const node = join(folder, 'bin/node');
  if (existsSync(node)) return node;
  const bytes = readFileSync(join(npmPackage(PROGRAM.name, PROGRAM.version), PROGRAM.file));
  for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + 1)) bytes.write('0', at + MARK.length - 1);
  for (let at = bytes.indexOf(NOTE); at >= 0; at = bytes.indexOf(NOTE, at + 1)) bytes.write('NO_MORE', at + 4);
  addLibraries(join(folder, 'lib'), tools);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const unpatched = `${node}.part`;
  writeFileSync(unpatched, bytes, { mode: 0o755 });
  // It has to find its libraries in each environment: some tests, and some libraries that start it, pass on few variables or none.
  // What replaces functions of musl comes first. Two runs: one run for both fails.
  run('patchelf', ['--add-needed', GLIBC_PARTS, unpatched]);
  run('patchelf', ['--set-rpath', join(folder, 'lib'), unpatched]);
  renameSync(unpatched, node);
  return node;
}

/** It needs a newer C++ library than some systems have: that of Debian 13, and what this one needs from glibc. */
function addLibraries(folder, tools) {
  const apt = join(SCRATCH, 'musl/apt');
  for (const part of ['lists/partial', 'cache/archives/partial', 'packages']) mkdirSync(join(apt, part), { recursive: true });
  writeFileSync(join(apt, 'debian.sources'), 'Types: deb\nURIs: http://deb.debian.org/debian\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n');
  const settings = { 'Dir::Etc::sourcelist': join(apt, 'debian.sources'), 'Dir::Etc::sourceparts': '/nonexistent', 'Dir::State::lists': join(apt, 'lists'), 'Dir::Cache': join(apt, 'cache') };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const packages = join(apt, 'packages');
  run('apt-get', [...options, 'update'], { cwd: packages });
  run('apt-get', [...options, 'download', 'libstdc++6', 'libgcc-s1'], { cwd: packages });
  for (const file of readdirSync(packages).filter((name) => name.endsWith('.deb'))) run('dpkg-deb', ['-x', file, 'content'], { cwd: packages });
  mkdirSync(folder, { recursive: true });
  for (const name of ['libstdc++.so.6', 'libgcc_s.so.1']) run('cp', ['-L', join(packages, 'content/usr/lib/x86_64-linux-gnu', name), folder]);
  const source = join(ROOT, 'scripts/platforms/musl-libstdcxx.c');
  run(join(tools.AISOPOD_TOOLS, 'cc'), ['-O1', '-shared', '-fPIC', `-Wl,-soname,${GLIBC_PARTS}`, source, '-o', join(folder, GLIBC_PARTS)], { env: tools });
}

const tools = zigTools('musl', 'x86_64-linux-musl', 'Linux', 'x86_64');
const node = muslNode(tools);
const version = run(node, ['--version']).trim();
const folder = checkout('musl');
buildNative(folder, tools);
run(process.execPath, ['scripts/fixtures.mjs'], { cwd: folder, env: tools });

const resolver = npmPackage('@unrs/resolver-binding-linux-x64-musl', installedVersion('unrs-resolver', join(folder, 'node_modules/jest-resolve')));
const env = {
  ...tools,
  PATH: [tools.AISOPOD_TOOLS, dirname(node), process.env.PATH].join(':'), // for tests that compile, or run what the documentation says
  AISOPOD_ZIG: '1',
  NAPI_RS_NATIVE_LIBRARY_PATH: join(resolver, 'resolver.linux-x64-musl.node'),
};
const suites = process.argv.length > 2 ? process.argv.slice(2) : SUITES;
const about = { id: 'linux-x64-musl', platform: 'Linux x64, musl', how: '`node scripts/platforms/musl.mjs`: on a kernel of Debian, with a Node for musl from npm and plugins built by Zig' };
runAndSave(about, suites, { runtime: `Node ${version.slice(1)}`, node, folder, env });
