/**
 * What Apple's compiler does with several -arch options, by compilers for one processor each: it builds for each, and joins the
 * results. `node universal-compiler.mjs cc llvm-lipo arm64=<folder of tools>:x86_64=<folder of tools> <arguments of the compiler>`.
 * Of each file x.o that it writes, the one for arm64 alone is beside it as arm64-x.o: it is the input of the next step.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const [tool, lipo, folders, ...given] = process.argv.slice(2);
const compilers = folders.split(':').map((each) => each.split('='));

const start = (command, args) => {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) {
    if (error !== undefined) console.error(error.message);
    process.exit(status ?? 1);
  }
};

const wanted = given.filter((_, i) => given[i - 1] === '-arch');
const args = given.filter((arg, i) => arg !== '-arch' && given[i - 1] !== '-arch');
const output = args[args.indexOf('-o') + 1];
const isJoined = wanted.length > 1 && args.includes('-o');

const partOf = (file, arch) => join(dirname(file), `${arch}-${basename(file)}`);
const parts = [];
for (const [arch, folder] of isJoined ? compilers.filter(([name]) => wanted.includes(name)) : compilers.slice(0, 1)) {
  const ofThis = (arg) => (isJoined && (arg === output || existsSync(partOf(arg, arch))) ? partOf(arg, arch) : arg);
  start(`${folder}/${tool}`, args.map(ofThis));
  parts.push(partOf(output, arch));
}
if (isJoined) start(lipo, ['-create', ...parts, '-output', output]);
