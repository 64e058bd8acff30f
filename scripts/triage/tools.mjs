import { spawnSync } from 'node:child_process';

const READELF_ARCH = {
  AArch64: 'arm64',
  ARM: 'arm',
  'Advanced Micro Devices X86-64': 'x64',
  'IBM S/390': 's390x',
  'Intel 80386': 'ia32',
  LoongArch: 'loong64',
  PowerPC64: 'ppc64',
  'RISC-V': 'riscv64',
};
const LLVM_ARCH = { aarch64: 'arm64', arm: 'arm', i386: 'ia32', thumb: 'arm', x86_64: 'x64' };

/** Num: Value Size Type Bind Vis [other] Ndx Name, as printed by readelf. */
const SYMBOL =
  /^\s*\d+: [0-9a-f]+\s+\S+ (\S+)\s+(<OS specific>: \d+|\S+)\s+(\S+)\s+(?:\[[^\]]*\]\s+)?(bad section index\[ *\d+\]|\S+) (.+)$/;

function run(tool, args) {
  const { status, stdout, stderr, error } = spawnSync(tool, args, { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (error) throw new Error(`${tool} is needed: ${error.message}`);
  return { ok: status === 0, stdout, stderr };
}

const all = (text, pattern) => Array.from(text.matchAll(pattern), (match) => match[1]);

/** Reads an ELF library with readelf, by its section headers (triage uses the segments); undefined if it is not one. */
export function elfByReadelf(path) {
  const { stdout, stderr } = run('readelf', ['-W', '-h', '-d', '--dyn-syms', path]);
  const machine = /Machine:\s+(.+)/.exec(stdout)?.[1].trim();
  const whole = !/(past|beyond) (the )?end of file/.test(stderr);
  const library = whole && /Type:\s+DYN/.test(stdout) && !/FLAGS_1.*PIE/.test(stdout) && /Dynamic section at offset/.test(stdout);
  if (!library) return undefined;
  const exports = [];
  for (const line of stdout.split('\n')) {
    const symbol = SYMBOL.exec(line);
    if (symbol === null) continue;
    const [, type, binding, visibility, section, name] = symbol;
    const seen = ['GLOBAL', 'WEAK', 'UNIQUE', '<OS specific>: 10'].includes(binding) && ['DEFAULT', 'PROTECTED'].includes(visibility);
    if (seen && section !== 'UND' && type !== 'SECTION' && type !== 'FILE') exports.push(name.replace(/@.*/, ''));
  }
  return { arch: READELF_ARCH[machine] ?? machine, exports, needed: all(stdout, /\(NEEDED\)\s+Shared library: \[(.*)\]/g) };
}

/** Reads a PE library with llvm-readobj; undefined if it is not one. */
export function peByLlvm(path) {
  const { ok, stdout } = run('llvm-readobj', ['--file-headers', '--coff-exports', '--coff-imports', path]);
  if (!ok || !stdout.includes('IMAGE_FILE_DLL')) return undefined;
  return {
    arch: LLVM_ARCH[/^Arch: (.+)$/m.exec(stdout)?.[1]],
    exports: all(stdout, /^Export \{\n {2}Ordinal: .*\n {2}Name: (.+)$/gm),
    needed: all(stdout, /^Import \{\n {2}Name: (.+)$/gm),
    neededOptionally: all(stdout, /^DelayImport \{\n {2}Name: (.+)$/gm),
  };
}

/** Reads one architecture of a Mach-O library with llvm-objdump; undefined if it is not one. */
export function machoByLlvm(path, arch) {
  const only = ['--macho', `--arch=${{ x64: 'x86_64' }[arch] ?? arch}`];
  const trie = run('llvm-objdump', [...only, '--exports-trie', path]);
  const header = run('llvm-objdump', [...only, '--private-header', path]).stdout;
  if (!trie.ok || !/DYLIB|BUNDLE/.test(header)) return undefined;
  const listed = (option) => all(run('llvm-objdump', [...only, option, path]).stdout, /^\t?(\S.*?)(?: \(compatibility version.*)?$/gm).slice(1);
  const own = new Set(listed('--dylib-id'));
  return {
    arch: { X86_64: 'x64', ARM64: 'arm64' }[/^MH_MAGIC_64\s+(\S+)/m.exec(header)?.[1]],
    exports: all(trie.stdout, /^(?:0x[0-9A-F]+ +|\[re-export\] )_(\S+)/gm),
    allNeeded: listed('--dylibs-used').filter((name) => !own.has(name)),
  };
}
