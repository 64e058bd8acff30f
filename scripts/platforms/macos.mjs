/**
 * Libraries for macOS, built and read, never run: `node scripts/platforms/macos.mjs`. Zig from npm builds test plugins in C and C++ for
 * both processors, and triage judges them for macOS.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runChecks, saveResults } from './results.mjs';
import { buildNative, checkout, zigTools } from './steps.mjs';

const GOOD = ['good-c', 'good-cpp'];
const BUILT = [...GOOD, 'no-create', 'bad-abi-note'];

const rows = [];
for (const [arch, target] of [['arm64', 'aarch64'], ['x64', 'x86_64']]) {
  const folder = checkout(`macos-${arch}`);
  buildNative(folder, zigTools(`macos-${arch}`, `${target}-macos`, 'Darwin', target), BUILT);
  const { triage } = createRequire(join(folder, 'package.json'))(join(folder, 'dist/index.js'));
  const judge = (file) => triage(file, { platform: 'darwin', arch, endianness: 'LE', libc: undefined, abi: { min: 1, max: 1 } });
  const judged = await Promise.all(BUILT.map(async (name) => [name, await judge(join(folder, 'build/fixtures', name, `lib${name}.dylib`))]));
  console.log(judged.map(([name, { verdict, codeSignature }]) => `${name}: ${verdict.kind} ${verdict.code ?? ''}, signature ${codeSignature?.state}`).join('\n'));
  const check = (condition, found) => {
    if (!condition) throw new Error(`unexpected: ${JSON.stringify(found)}`);
  };
  rows.push(
    runChecks('not run: built by Zig, read by triage', `test plugins, ${arch}`, {
      'all test plugins are read as Mach-O for this processor': () => check(judged.every(([, facts]) => facts.format === 'macho' && facts.archs.includes(arch)), judged),
      'plugins without a function, or with another ABI version, do not fit': () => check(judged.filter(([, { verdict }]) => verdict.kind === 'unfit').map(([name]) => name).join() === 'no-create,bad-abi-note', judged),
      'good plugins fit': () => check(GOOD.every((name) => judged.some(([id, { verdict }]) => id === name && verdict.kind === 'fits')), judged),
      'Zig signs for arm64, and each signature matches its file': () => check(judged.every(([, { codeSignature }]) => codeSignature?.state === (arch === 'arm64' ? 'valid' : 'missing')), judged.map(([name, { codeSignature }]) => [name, codeSignature])),
    }),
  );
}
saveResults({ id: 'macos', platform: 'macOS', how: '`node scripts/platforms/macos.mjs`: the libraries were built and read on Linux; nothing was run on macOS' }, rows);
