/**
 * Libraries for macOS, built and read, never run: `node scripts/platforms/macos.mjs`. Zig from npm builds test plugins in C and C++ for
 * each processor, and for both in one file, as CMake does with CMAKE_OSX_ARCHITECTURES. Triage judges them for macOS.
 */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runChecks, saveResults } from './results.mjs';
import { buildNative, checkout, universalTools, zigTools } from './steps.mjs';

const PACKAGES = 'llvm ninja-build';
// Distributions put the version of LLVM into the name.
const lipo = readdirSync('/usr/bin').find((name) => /^llvm-lipo(?:-\d+)?$/.test(name));
if (lipo === undefined) throw new Error(`packages are missing: apt-get install --no-install-recommends ${PACKAGES}`);

const GOOD = ['good-c', 'good-cpp'];
const BUILT = [...GOOD, 'no-create', 'bad-abi-note'];
const UNFIT = ['no-create', 'bad-abi-note'];

/** What each processor is to Apple's tools, and to Node. */
const NODE_ARCH = { arm64: 'arm64', x86_64: 'x64' };
const SINGLE = {
  arm64: zigTools('macos-arm64', 'aarch64-macos', 'Darwin', 'aarch64'),
  x86_64: zigTools('macos-x64', 'x86_64-macos', 'Darwin', 'x86_64'),
};
const BUILDS = [
  { name: 'macos-arm64', suite: 'test plugins, arm64', tools: SINGLE.arm64, archs: ['arm64'] },
  { name: 'macos-x64', suite: 'test plugins, x64', tools: SINGLE.x86_64, archs: ['x86_64'] },
  { name: 'macos-universal', suite: 'test plugins, arm64 and x64 in one file', tools: universalTools('macos-universal', SINGLE, lipo), archs: ['arm64', 'x86_64'] },
];

/** Builds the test plugins. Returns what triage says about each, on a Mac with each of these processors. */
async function judgeBuild({ name, tools, archs }) {
  const folder = checkout(name);
  buildNative(folder, tools, BUILT);
  const { triage } = createRequire(join(folder, 'package.json'))(join(folder, 'dist/index.js'));
  const judge = (plugin, arch) =>
    triage(join(folder, 'build/fixtures', plugin, `lib${plugin}.dylib`), { platform: 'darwin', arch, endianness: 'LE', libc: undefined, abi: { min: 1, max: 1 } });
  return Promise.all(archs.flatMap((arch) => BUILT.map(async (plugin) => ({ plugin, arch: NODE_ARCH[arch], facts: await judge(plugin, NODE_ARCH[arch]) }))));
}

const describe = ({ plugin, arch, facts: { verdict, archs, codeSignature } }) =>
  `${plugin} on ${arch}: ${verdict.kind} ${verdict.code ?? ''}, built for ${archs}, signature ${codeSignature?.state}`;

const rows = [];
for (const build of BUILDS) {
  const judged = await judgeBuild(build);
  console.log(judged.map(describe).join('\n'));
  const expected = build.archs.map((arch) => NODE_ARCH[arch]).sort().join();
  const check = (isMet) => {
    const wrong = judged.filter((each) => !isMet(each));
    if (wrong.length > 0) throw new Error(`unexpected:\n${wrong.map(describe).join('\n')}`);
  };
  rows.push(
    runChecks('not run: built by Zig, read by triage', build.suite, {
      'all test plugins are read as Mach-O for these processors': () => check(({ facts }) => facts.format === 'macho' && [...facts.archs].sort().join() === expected),
      'plugins without a function, or with another ABI version, do not fit': () => check(({ plugin, facts }) => UNFIT.includes(plugin) === (facts.verdict.kind === 'unfit')),
      'good plugins fit': () => check(({ plugin, facts }) => GOOD.includes(plugin) === (facts.verdict.kind === 'fits')),
      'Zig signs for arm64, and each signature matches its file': () => check(({ arch, facts }) => facts.codeSignature?.state === (arch === 'arm64' ? 'valid' : 'missing')),
    }),
  );
}
saveResults({ id: 'macos', platform: 'macOS', how: '`node scripts/platforms/macos.mjs`: the libraries were built and read on Linux; nothing was run on macOS' }, rows);
