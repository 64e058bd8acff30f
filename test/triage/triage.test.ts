import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { LoadError } from '../../src/errors/index.js';
import { type ByteSource, FileSource } from '../../src/triage/byte-source.js';
import { hostTarget, triage, type Libc } from '../../src/triage/index.js';
import { readLibrary } from '../../src/triage/read-library.js';
import { buildElf } from './build-elf.js';
import { buildMacho, CPU } from './build-macho.js';
import { buildPe } from './build-pe.js';
import { Bytes, noteBytes, REQUIRED } from './bytes.js';
import { SAMPLES } from './samples.js';
import { TARGETS } from './targets.js';
import { tempFolder } from './temp-folder.js';

const temp = tempFolder();
const plugin = buildElf({ exports: REQUIRED, note: noteBytes(), segments: [[0x6474e551, 6]] });

const failure = async (path: string): Promise<LoadError> => {
  const error: unknown = await triage(path, TARGETS.linux).catch((reason: unknown) => reason);
  if (!(error instanceof LoadError)) throw new Error('no LoadError');
  return error;
};

describe('triage of a file', () => {
  test('gives facts and a verdict that survive JSON', async () => {
    for (const [index, { bytes }] of SAMPLES.entries()) {
      const result = await triage(temp.write(`sample-${index}`, bytes), TARGETS.linux);
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    }
  });

  test('says of a good library that it fits', async () => {
    const path = temp.write('libgood.so', plugin);
    expect(await triage(path, TARGETS.linux)).toMatchObject({ path, format: 'elf', missing: [], verdict: { kind: 'fits', warnings: [] } });
  });

  test('says of a whole library for another system what is wrong, and does not throw', async () => {
    const windows = await triage(temp.write('a.dll', buildPe({ exports: REQUIRED })), TARGETS.linux);
    expect(windows.verdict).toMatchObject({ kind: 'unfit', code: 'ERR_WRONG_PLATFORM' });
    const mac = await triage(temp.write('a.dylib', buildMacho({ cpu: CPU.x64 })), TARGETS.mac);
    expect(mac.verdict).toMatchObject({ kind: 'unfit', code: 'ERR_WRONG_ARCHITECTURE' });
  });

  test.each([
    ['of musl', 'libc.so', { ...TARGETS.alpine, libc: { flavour: 'musl' } as Libc }],
    ['of glibc, without symbol versions', 'libc.so.6', TARGETS.linux],
  ] as const)('takes a version that the host has added to Object.prototype for none of a C library %s', async (_of, library, target) => {
    const path = temp.write('liblibc.so', buildElf({ exports: REQUIRED, note: noteBytes(), segments: [[0x6474e551, 6]], needed: [library] }));
    Object.defineProperty(Object.prototype, 'version', { value: '9.9', enumerable: true, configurable: true });
    try {
      const { verdict, libc } = await triage(path, target);
      expect([verdict.kind, libc?.version]).toEqual([expect.not.stringContaining('unfit'), undefined]);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'version');
    }
  });

  test("reads koffi's own library for this machine, which is no plugin", async () => {
    const folder = `node_modules/@koromix/koffi-${process.platform}-${process.arch}`;
    const libraries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.node'));
    expect(libraries.length).toBeGreaterThan(0);
    for (const library of libraries) {
      const { verdict, ...facts } = await triage(join(folder, library));
      expect(facts.arch).toBe(process.arch);
      expect(facts.exports).toContain('napi_register_module_v1');
      expect(facts.needed.length).toBeGreaterThan(0);
      expect(verdict).toMatchObject({ kind: 'unfit', code: 'ERR_MISSING_SYMBOL', fields: { symbol: REQUIRED[0] } });
    }
  });
});

describe('what is no library is refused, and called by what it looks like', () => {
  test.each([
    ['an empty file', ''],
    ['text', 'just some words\n'],
    ['text', '\uFEFFGrüße\n'],
    ['a shell script', '#!/bin/sh\necho hello\n'],
    ['a shell script', '#!/usr/bin/env bash\n'],
    ['a script', '#!/usr/bin/env python3\n'],
    ['a static archive', '!<arch>\nfoo.o/  '],
    ['a linker script', '/* GNU ld script */\nGROUP ( /lib/libc.so.6 )'],
    ['a linker script', 'INPUT(-lfoo)\n'],
    ['an HTML page', '<!DOCTYPE html><title>Not found</title>'],
    ['a Git LFS pointer (fetch the file itself with "git lfs pull")', 'version https://git-lfs.github.com/spec/v1\n'],
    ['a WebAssembly module', '\0asm\x01\0\0\0'],
    ['a zip archive', 'PK\x03\x04\x14\0'],
    ['zeros', '\0'.repeat(4096)],
    ['a DOS program', `MZ${'\0'.repeat(200)}`],
    ['data of an unknown format (it starts with 01020304)', '\x01\x02\x03\x04\x05'],
  ])('%s', async (found, content) => {
    const path = temp.write('library.so', content);
    const error = await failure(path);
    expect(error).toMatchObject({ code: 'ERR_LIBRARY_FORMAT', step: 'triage', path, expected: 'a shared library (ELF, Mach-O or PE)', found });
  });

  test('a directory', async () => {
    mkdirSync(temp.path('folder.so'));
    expect(await failure(temp.path('folder.so'))).toMatchObject({ code: 'ERR_LIBRARY_FORMAT', expected: 'a file', found: 'a directory' });
  });

  (process.platform === 'win32' ? test.skip : test)('a named pipe that nobody writes to, without waiting (not on Windows: it has none in folders)', async () => {
    execFileSync('mkfifo', [temp.path('pipe.so')]);
    expect(await failure(temp.path('pipe.so'))).toMatchObject({ code: 'ERR_LIBRARY_FORMAT', found: 'a named pipe' });
  });

  (process.platform === 'win32' ? test.skip : test)('a device (not on Windows: it has none in folders)', async () => {
    expect(await failure('/dev/zero')).toMatchObject({ code: 'ERR_LIBRARY_FORMAT', found: 'a device' });
  });

  test('a file that is not there, or a path that cannot be one, is a reading error', async () => {
    expect(await failure(temp.path('nowhere.so'))).toMatchObject({ code: 'ERR_IO', step: 'triage', operation: 'read the library' });
    expect(await failure('with\0zero')).toMatchObject({ code: 'ERR_IO' });
  });

  test('a library that is cut off', async () => {
    const path = temp.write('libcut.so', plugin.subarray(0, plugin.length - 100));
    expect(await failure(path)).toMatchObject({
      code: 'ERR_LIBRARY_FORMAT',
      path,
      expected: `${plugin.length} bytes`,
      found: `${plugin.length - 100} bytes (truncated)`,
    });
  });
});

describe('a library of 1 GiB', () => {
  const GIB = 2 ** 30;

  const readCounted = (path: string): { readonly bytes: number; readonly facts: ReturnType<typeof readLibrary> } => {
    const fd = openSync(path, 'r');
    try {
      const file = new FileSource(fd, statSync(path).size);
      let bytes = 0;
      const source: ByteSource = {
        size: file.size,
        read: (offset, length) => {
          bytes += length;
          return file.read(offset, length);
        },
      };
      return { facts: readLibrary(source, 'x64'), bytes };
    } finally {
      closeSync(fd);
    }
  };

  test('is read only where it matters', () => {
    const path = temp.write('libhuge.so', mapWhole(plugin, GIB));
    truncateSync(path, GIB);
    const { facts, bytes } = readCounted(path);
    expect(facts).toMatchObject({ exports: [...REQUIRED, 'aisopod_plugin_note'], note: { abiVersion: 1 } });
    expect(bytes).toBeLessThan(64 * 1024);
  });

  test('whose tables go on for ever is read as far as the limits', () => {
    // A hash table at the end of what is written: the zeros that follow look like more of its chain.
    const hash = new Bytes().u32(1, 2, 1, 0).u64(0).u32(2).buffer();
    const bytes = Buffer.concat([mapWhole(plugin, GIB), hash]);
    const entry = bytes.indexOf(new Bytes().u64(0x6ffffef5).buffer());
    bytes.writeBigUInt64LE(BigInt(0x10000 + plugin.length), entry + 8);
    const path = temp.write('libendless.so', bytes);
    truncateSync(path, GIB);
    const { facts, bytes: read } = readCounted(path);
    expect(facts).toMatchObject({ exportsTruncated: true });
    expect(read).toBeLessThan(64 * 1024 * 1024);
  });

  /** The library with its mapped segment made to reach as far as the file will. */
  function mapWhole(library: Buffer, size: number): Buffer {
    const bytes = Buffer.from(library);
    bytes.writeBigUInt64LE(BigInt(size), 64 + 32);
    return bytes;
  }
});

describe('the host as a target', () => {
  test('is this process', () => {
    expect(hostTarget({ min: 2, max: 5 })).toMatchObject({ platform: process.platform, arch: process.arch, abi: { min: 2, max: 5 } });
    expect(hostTarget().abi.min).toBeLessThanOrEqual(hostTarget().abi.max);
  });

  test("knows the C library that Node's own report names, on Linux", () => {
    // In a process of its own: it waits for all threads, also for one that an earlier test left in native code.
    const { header } = JSON.parse(execFileSync(process.execPath, ['-p', 'JSON.stringify(process.report.getReport())'], { encoding: 'utf8' })) as { header: { glibcVersionRuntime?: string } };
    const { libc } = hostTarget();
    expect(libc?.flavour).toBe(process.platform !== 'linux' ? undefined : header.glibcVersionRuntime === undefined ? 'musl' : 'glibc');
    // A release may define no new version name; then it accepts only what the one before did.
    const minor = (version = '0.0'): number => Number(version.split('.')[1]);
    expect(minor(libc?.version)).toBeLessThanOrEqual(minor(header.glibcVersionRuntime));
    expect(minor(libc?.version)).toBeGreaterThan(minor(header.glibcVersionRuntime) - 3);
  });
});
