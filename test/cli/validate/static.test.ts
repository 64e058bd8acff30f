import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Finding, StaticCheck } from '../../../src/cli/validate/check.js';
import { readContents } from '../../../src/cli/validate/plugin-contents.js';
import { STATIC_CHECKS } from '../../../src/cli/validate/static/index.js';
import { compileBundled, compilePlugin, type PluginSource } from '../../support/compile-plugin.js';
import { fixtureDir, isZig, libraryFileName, projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { isMusl } from '../../support/libc.js';
import { buildElf } from '../../triage/build-elf.js';
import { REQUIRED, noteBytes } from '../../triage/bytes.js';
import { changeLibrary, changeNote, copyOf, elf, folderWith, macho, manifestWith, pe } from './folders.js';

const MIB = 1024 * 1024;

const checkOf = (id: string): StaticCheck => {
  const check = STATIC_CHECKS.find((each) => each.id === id);
  if (check === undefined) throw new Error(`there is no check ${id}`);
  return check;
};

const findingsOf = async (id: string, folder: string): Promise<readonly Finding[]> => checkOf(id).run(await readContents(folder));

type Case = readonly [id: string, severity: Finding['severity'], message: RegExp, make: () => string];

const added = (name: string, content = ''): (() => string) => () => copyOf('good-c', (folder) => writeFileSync(path.join(folder, name), content));

/** On any system: the libraries are read as files. */
const CASES: readonly Case[] = [
  ['manifest-valid', 'error', /1 problems?|version/, () => folderWith({}, manifestWith('"1.0.0"', '"one"'))],
  ['config-schema-valid', 'error', /config\.schema\.json/, () => copyOf('good-c', (folder) => rmSync(path.join(folder, 'config.schema.json')))],
  ['manifest-abi-supported', 'error', /ABI version 99/, () => folderWith({}, `${manifestWith('', '')}\n[compatibility]\nabi = 99\n`)],
  ['manifest-declares-capabilities', 'warning', /declares no tool/, () => folderWith({}, manifestWith('tools = ["echo"]', ''))],
  ['tool-names-distinct', 'warning', /Echo/, () => folderWith({}, manifestWith('["echo"]', '["echo", "Echo"]'))],
  ['entry-point-bare', 'warning', /"lib-prefix"/, () => fixtureDir('lib-prefix')],
  ['file-paths-short', 'warning', /aaaa…/, () => copyOf('good-c', (folder) => mkdirSync(path.join(folder, 'a'.repeat(100), 'b'.repeat(60)), { recursive: true }))],
  ['folder-size', 'warning', /300 MiB/, () => copyOf('good-c', (folder) => extend(path.join(folder, 'data.bin'), 300 * MIB))],
  ['library-size', 'warning', /70 MiB/, () => copyOf('good-c', (folder) => truncateSync(path.join(folder, libraryFileName('good-c')), 70 * MIB))],
  ['no-leftovers', 'warning', /tool\.o/, added('tool.o')],
  ['library-present', 'error', /sample/, () => folderWith({})],
  ['library-for-this-machine', 'warning', /sample/, () => folderWith({ [process.platform === 'win32' ? 'linux-x64/libsample.so' : 'win32-x64/sample.dll']: process.platform === 'win32' ? elf() : pe() })],
  ['library-complete', 'error', /truncated/, () => fixtureDir('truncated')],
  ['library-platform', 'error', /Expected win32, found linux|Expected win32, found an ELF/, () => folderWith({ 'win32-x64/sample.dll': elf() })],
  ['library-architecture', 'error', /Expected x64, found arm64/, () => folderWith({ 'linux-x64/libsample.so': elf({ machine: 183 }) })],
  ['platform-folder-names', 'warning', /linux-x86_64: did you mean linux-x64\?/, () => folderWith({ 'linux-x86_64/libsample.so': elf() })],
  ['platform-folder-names', 'warning', /did you mean darwin-arm64\?/, () => folderWith({ 'macos-aarch64/libsample.dylib': macho() })],
  ['platform-folders-filled', 'error', /linux-arm64/, () => folderWith({ 'libsample.so': elf(), 'linux-arm64/libother.so': elf() })],
  ['platforms-agree', 'warning', /header 1.*header 2|header 2.*header 1/, () => folderWith({ 'linux-x64/libsample.so': elf(), 'win32-x64/sample.dll': pe({ note: noteBytes({ 3: 2, 8: 88 }) }) })],
  ['note-present', 'warning', /no note/, () => folderWith({ 'linux-x64/libsample.so': buildElf({ exports: REQUIRED }) })],
  ['note-intact', 'error', /magic number/, () => folderWith({ 'linux-x64/libsample.so': elf({ note: noteBytes({ 1: 7 }) }) })],
  ['note-complete', 'warning', /12 bytes/, () => folderWith({ 'linux-x64/libsample.so': elf({ note: noteBytes({ 0: 12 }) }) })],
  ['note-abi-supported', 'error', /ABI version 99/, () => fixtureDir('bad-abi-note')],
  ['note-struct-sizes', 'error', /aisopod_request of 72 bytes/, () => folderWith({ 'linux-x64/libsample.so': elf({ note: noteBytes({ 8: 80 }) }) })],
  ['note-struct-sizes', 'error', /aisopod_plugin of 64 bytes/, () => copyOf('good-c', changeLibrary('good-c', changeNote(5, 72)))],
  ['note-header-known', 'warning', /header version 99/, () => folderWith({ 'linux-x64/libsample.so': elf({ note: noteBytes({ 3: 99, 8: 96 }) }) })],
  ['note-agrees-with-manifest', 'error', /manifest says ABI version 1, the note 2/, () => folderWith({ 'linux-x64/libsample.so': elf({ note: noteBytes({ 2: 2 }) }) }, `${manifestWith('', '')}\n[compatibility]\nabi = 1\n`)],
  ['exports-required', 'error', /aisopod_plugin_create/, () => fixtureDir('no-create')],
  ['exports-own', 'error', /OTHER\.create/, () => folderWith({ 'win32-x64/sample.dll': pe({ exports: REQUIRED.slice(0, 1), forwards: { aisopod_plugin_create: 'OTHER.create' } }) })],
  ['exports-only-contract', 'warning', /my_helper/, () => folderWith({ 'linux-x64/libsample.so': elf({ exports: [...REQUIRED, 'my_helper'] }) })],
  ['exports-names-of-node', 'warning', /SSL_new/, () => folderWith({ 'linux-x64/libsample.so': elf({ exports: [...REQUIRED, 'SSL_new'] }) })],
  ['exports-no-allocator', 'warning', /allocator/, () => folderWith({ 'linux-x64/libsample.so': elf({ exports: [...REQUIRED, 'malloc', 'free'] }) })],
  ['exports-countable', 'error', /too many symbols/, () => folderWith({ 'linux-x64/libsample.so': elf({ exports: [...REQUIRED, ...Array.from({ length: 1_100 }, () => 'x'.repeat(65_000))] }) })],
  ['dependencies-portable', 'warning', /libcurl\.so\.4/, () => folderWith({ 'linux-x64/libsample.so': elf({ needed: ['libc.so.6', 'libcurl.so.4'] }) })],
  ['dependencies-portable', 'warning', /libstdc\+\+-6\.dll/, () => folderWith({ 'win32-x64/sample.dll': pe({ imports: ['KERNEL32.dll', 'libstdc++-6.dll'] }) })],
  ['dependency-names-plain', 'error', /\/opt\/homebrew\/lib\/libz\.dylib/, () => folderWith({ 'darwin-arm64/libsample.dylib': macho({ needed: ['/usr/lib/libSystem.B.dylib', '/opt/homebrew/lib/libz.dylib'] }) })],
  ['dependency-names-plain', 'error', /\/home\/me\/libz\.so/, () => folderWith({ 'linux-x64/libsample.so': elf({ needed: ['/home/me/libz.so'] }) })],
  ['search-paths-relative', 'warning', /\/home\/me\/lib/, () => folderWith({ 'linux-x64/libsample.so': elf({ runpath: '$ORIGIN:/home/me/lib' }) })],
  ['windows-release-runtime', 'error', /VCRUNTIME140D\.dll/, () => folderWith({ 'win32-x64/sample.dll': pe({ imports: ['KERNEL32.dll', 'VCRUNTIME140D.dll'] }) })],
  ['dependencies-not-node', 'error', /node\.exe/, () => folderWith({ 'win32-x64/sample.dll': pe({ delayImports: ['node.exe'] }) })],
  ['glibc-baseline', 'warning', /glibc 2\.99/, () => folderWith({ 'linux-x64/libsample.so': elf({ needed: ['libc.so.6'], versions: { 'libc.so.6': ['GLIBC_2.99'] } }) })],
  ['glibc-baseline', 'note', /glibc 2\.34 or newer, which is in RHEL 9/, () => folderWith({ 'linux-x64/libsample.so': elf({ needed: ['libc.so.6'], versions: { 'libc.so.6': ['GLIBC_2.34'] } }) })],
  ['libstdcxx-baseline', 'warning', /GLIBCXX_3\.4\.99/, () => folderWith({ 'linux-x64/libsample.so': elf({ needed: ['libstdc++.so.6'], versions: { 'libstdc++.so.6': ['GLIBCXX_3.4.99', 'CXXABI_1.3'] } }) })],
  ['libc-of-folder', 'error', /musl in the folder linux-x64-musl, found one for glibc/, () => folderWith({ 'linux-x64-musl/libsample.so': elf({ needed: ['libc.so.6'], versions: { 'libc.so.6': ['GLIBC_2.34'] } }) })],
  ['macos-baseline', 'warning', /macOS 26\.1/, () => folderWith({ 'darwin-arm64/libsample.dylib': macho({ minVersion: 0x001a0100 }) })],
  ['macos-signature', 'error', /no code signature/, () => folderWith({ 'darwin-arm64/libsample.dylib': macho({ signature: 'none' }) })],
  ['stack-not-executable', 'error', /executable stack/, () => folderWith({ 'linux-x64/libsample.so': elf({ segments: [[0x6474e551, 7]] }) })],
  ['code-not-relocated', 'error', /-fPIC/, () => folderWith({ 'linux-x64/libsample.so': elf({ dynamic: [[22, 0]] }) })],
  ['code-not-relocated', 'error', /-fPIC/, () => folderWith({ 'linux-x64/libsample.so': elf({ dynamic: [[30, 4]] }) })],
  ['code-not-writable', 'error', /writable and executable/, () => folderWith({ 'linux-x64/libsample.so': elf({ segments: [[1, 7]] }) })],
  ['thread-locals-dynamic', 'warning', /initial-exec/, () => folderWith({ 'linux-x64/libsample.so': elf({ dynamic: [[30, 0x10]] }) })],
  ['library-unloads', 'warning', /nodelete/, () => folderWith({ 'linux-x64/libsample.so': elf({ dynamic: [[0x6ffffffb, 8]] }) })],
  ['exports-only-contract', 'note', /2 names of its Go code/, () => folderWith({ 'linux-x64/libsample.so': elf({ exports: [...REQUIRED, '_cgo_topofstack', 'goAnswer'] }) })],
  ['thread-locals-dynamic', 'note', /Go runtime/, () => folderWith({ 'linux-x64/libsample.so': elf({ exports: [...REQUIRED, '_cgo_topofstack'], dynamic: [[30, 0x10]] }) })],
  ['runtime-can-be-shared', 'note', /Go runtime/, () => folderWith({ 'linux-x64/libsample.so': elf({ exports: [...REQUIRED, '_cgo_topofstack'] }) })],
];

function extend(file: string, bytes: number): void {
  writeFileSync(file, '');
  truncateSync(file, bytes);
}

test.each(CASES)('%s finds what it is for, as %s: %s', async (id, severity, message, make) => {
  expect(await findingsOf(id, make())).toContainEqual(expect.objectContaining({ severity, message: expect.stringMatching(message) }));
});

const isLinux = process.platform === 'linux';
const isPosix = process.platform !== 'win32';

/** Where only one system can make such a folder, or such a library. */
const CASES_HERE: readonly (readonly [...Case, available: boolean])[] = [
  ['file-names-portable', 'error', /aux\.txt/, added('aux.txt'), isPosix],
  ['file-names-distinct', 'error', /same file/, () => copyOf('good-c', (folder) => ['data', 'Data'].forEach((name) => writeFileSync(path.join(folder, name), ''))), isLinux],
  ['links-inside', 'error', /leads out of the folder/, () => copyOf('good-c', (folder) => symlinkSync(projectRoot, path.join(folder, 'data'))), isPosix],
  ['links-inside', 'error', /leads to nothing/, () => copyOf('good-c', (folder) => symlinkSync('gone', path.join(folder, 'data'))), isPosix],
  ['only-files', 'error', /neither a file nor a folder/, () => copyOf('good-c', (folder) => execFileSync('mkfifo', [path.join(folder, 'pipe')])), isPosix],
  ['files-not-writable-by-all', 'error', /libgood-c/, () => copyOf('good-c', (folder) => chmodSync(path.join(folder, libraryFileName('good-c')), 0o666)), isPosix],
  ['dependencies-found', 'error', /not-shipped/, () => fixtureDir('needs-missing-library'), isLinux],
  ['imports-resolved', 'error', /no library that it needs defines/, () => fixtureDir('undefined-symbol'), isLinux],
  ['imports-allowed', 'warning', /chdir, which changes the working directory/, () => compiled({ source: answerWith('chdir("/")') }), isLinux],
  ['libc-fits', 'error', /glibc 2\.99/, () => folderWith({ 'libsample.so': elf({ machine: machineHere(), needed: ['libc.so.6'], versions: { 'libc.so.6': ['GLIBC_2.99'] } }) }), isLinux && !isMusl],
  ['symbols-not-unique', 'warning', /-fno-gnu-unique/, () => compiled({ source: `${answerWith('0')}\n__asm__(".data\\n.globl only\\n.type only, @gnu_unique_object\\nonly: .long 1\\n.size only, 4\\n.text\\n");` }), isLinux],
  ['imports-resolved', 'warning', /found only because Node needs/, () => compiled({ source: answerWith('(int)_ZNSt9exceptionD2Ev'), before: 'extern int _ZNSt9exceptionD2Ev;' }), isLinux],
  ['imports-filesystem', 'warning', /Link its own, .*: -static-libstdc\+\+/, () => compiled({ source: answerWith('std::filesystem::exists("/")'), before: '#include <filesystem>', flags: ['-std=c++17'], compiler: 'c++' }), isLinux && !isZig],
  ['search-paths-relative', 'warning', /aisopod-test/, withLibraryElsewhere, isLinux],
];

const machineHere = (): number => ({ x64: 62, arm64: 183 })[process.arch as string] ?? 62;

const answerWith = (expression: string): string =>
  `#include <unistd.h>\nstatic int32_t answer(void *data, const aisopod_request *request, aisopod_reply *reply) { (void)data; (void)request; if ((${expression}) == 77) return AISOPOD_E_FAILED; return aisopod_reply_json(reply, "null"); }`;

function compiled({ source, before = '', ...rest }: PluginSource & { readonly before?: string }): string {
  return compilePlugin(temporaryFolder(), 'sample', { source: `${before}\n${source}`, ...rest });
}

function withLibraryElsewhere(): string {
  const folder = temporaryFolder();
  compileBundled(folder, 'libelsewhere.so', 'int elsewhere(void); int elsewhere(void) { return 1; }');
  return compiled({ source: answerWith('elsewhere()'), before: 'int elsewhere(void);', flags: [`-L${folder}`, '-lelsewhere', `-Wl,-rpath,${folder}`] });
}

for (const [id, severity, message, make, available] of CASES_HERE) {
  (available ? test : test.skip)(`${id} finds what it is for, as ${severity}: ${String(message)}${available ? '' : ' [skipped: only on another system]'}`, async () => {
    expect(await findingsOf(id, make())).toContainEqual(expect.objectContaining({ severity, message: expect.stringMatching(message) }));
  });
}

test('each check of the files is among these cases', () => {
  const covered = new Set([...CASES, ...CASES_HERE].map(([id]) => id));
  expect(STATIC_CHECKS.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
});

describe('a good plugin passes every check of the files, without a warning', () => {
  const good = [
    ...['good-c', 'good-cpp', 'contracts', 'one-thread', 'inside-count', 'inside-count-safe', 'context-reader'].map((name) => [name, fixtureDir(name)] as const),
    ...['word-stats', 'guard', 'clean-up', 'find-text', 'hash'].map((name) => [name, path.join(projectRoot, 'build/examples', name)] as const),
  ];
  /** Zig's C++ library, which is linked in, exports its operator new. */
  const lacks = (name: string, folder: string): string | undefined => {
    if (name === 'hash' && !existsSync(folder)) return 'rustc 1.77 or newer';
    return isZig && readdirSync(folder).some((file) => file.endsWith('.so') && readFileSync(path.join(folder, file)).includes('_Znwm')) ? 'Zig: its C++ library is exported' : undefined;
  };
  for (const [name, folder] of good) {
    testWhere(lacks(name, folder) === undefined, lacks(name, folder) ?? '')(name, async () => {
      const contents = await readContents(folder);
      const findings = await Promise.all(STATIC_CHECKS.map(async ({ id, run }) => (await run(contents)).map((finding) => ({ id, ...finding }))));
      expect(findings.flat().filter(({ severity }) => severity !== 'note')).toEqual([]);
    });
  }

  test('one with libraries for several platforms, each in its folder', async () => {
    const platform = `${process.platform}-${process.arch}${isMusl ? '-musl' : ''}`;
    const folder = copyOf('good-c', (copy) => {
      mkdirSync(path.join(copy, platform));
      renameSync(path.join(copy, libraryFileName('good-c')), path.join(copy, platform, libraryFileName('good-c')));
    });
    const others = { 'darwin-arm64/libgood-c.dylib': macho({ note: noteBytes({ 3: 2, 8: 88 }), minVersion: 0x000d0000 }), 'win32-arm64/good-c.dll': pe({ machine: 0xaa64, note: noteBytes({ 3: 2, 8: 88 }), imports: ['KERNEL32.dll', 'VCRUNTIME140.dll'] }) };
    for (const [name, bytes] of Object.entries(others)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), bytes);
    }
    const contents = await readContents(folder);
    expect(contents.libraries.map(({ name }) => name).sort()).toEqual([...Object.keys(others), `${platform}/${libraryFileName('good-c')}`].sort());
    const findings = await Promise.all(STATIC_CHECKS.map(async ({ run }) => run(contents)));
    expect(findings.flat().filter(({ severity }) => severity !== 'note')).toEqual([]);
  });
});
