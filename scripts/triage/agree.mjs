/**
 * Compares the results of triage with those of readelf and LLVM's tools, for every library in the given folders
 * (by default all on this machine). Prints figures, and exits with 1 if there is a difference.
 *
 *   node scripts/triage/agree.mjs [folder …]
 */
import { compile } from './compile.mjs';
import { libraries } from './libraries.mjs';
import { elfByReadelf, machoByLlvm, peByLlvm } from './tools.mjs';

const { triage } = await compile(['src/triage/index.ts'])('src/triage/index.ts');

/** Compares lists as sets: tools differ in order, and in whether two versions of a symbol are one name. */
function difference(what, ours, theirs) {
  const [left, right] = [new Set(ours), new Set(theirs)];
  const more = [...left].filter((each) => !right.has(each));
  const less = [...right].filter((each) => !left.has(each));
  const few = (names) => names.slice(0, 3).join(', ');
  if (more.length + less.length === 0) return [];
  return [`${what}: ${more.length} only here (${few(more)}), ${less.length} only there (${few(less)})`];
}

async function compare(path) {
  const ours = await triage(path).catch((error) => error);
  if (ours instanceof Error) {
    const theirs = elfByReadelf(path) ?? peByLlvm(path) ?? machoByLlvm(path, 'x64');
    return { kind: 'no library', problems: theirs === undefined ? [] : [`refused: ${ours.message}`] };
  }
  const theirs = { elf: elfByReadelf, pe: peByLlvm, macho: machoByLlvm }[ours.format](path, ours.arch);
  if (theirs === undefined) return { kind: ours.format, problems: ['the other tool does not recognize it as a library'] };
  const problems = [
    ...difference('arch', [ours.arch], [theirs.arch]),
    ...difference('exports', ours.exports, theirs.exports),
    ...(theirs.allNeeded === undefined
      ? [...difference('needed', ours.needed, theirs.needed), ...difference('optional', ours.neededOptionally, theirs.neededOptionally ?? [])]
      : difference('needed', [...ours.needed, ...ours.neededOptionally], theirs.allNeeded)),
  ];
  return { kind: ours.format, problems, exports: ours.exports.length };
}

const counts = {};
let exported = 0;
let differing = 0;
const seen = new Set();
for (const folder of process.argv.length > 2 ? process.argv.slice(2) : ['/']) {
  for (const path of libraries(folder, seen)) {
    const { kind, problems, exports = 0 } = await compare(path);
    counts[kind] = (counts[kind] ?? 0) + 1;
    exported += exports;
    if (problems.length > 0) {
      differing += 1;
      console.log(`${path}: ${problems.join('; ')}`);
    }
  }
}
console.log({ files: seen.size, ...counts, exportedNames: exported, differing });
process.exitCode = differing > 0 ? 1 : 0;
