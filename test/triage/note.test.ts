import { describe, expect, test } from '@jest/globals';
import { bufferSource } from '../../src/triage/byte-source.js';
import type { Facts } from '../../src/triage/index.js';
import { readLibrary } from '../../src/triage/read-library.js';
import { buildElf } from './build-elf.js';
import { Bytes, noteBytes } from './bytes.js';

const read = (note: Buffer): Facts => readLibrary(bufferSource(buildElf({ note })), 'x64');

describe('the plugin note', () => {
  test('has its members in order', () => {
    expect(read(new Bytes().u32(64, 0x4f534941, 3, 4, 8, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16).buffer()).note).toEqual({
      size: 64,
      abiVersion: 3,
      headerVersion: 4,
      pointerSize: 8,
      pluginSize: 5,
      hostSize: 6,
      capabilitySize: 7,
      requestSize: 9,
      replySize: 10,
      metaSize: 11,
      initSize: 12,
      logSize: 13,
      chunkSize: 14,
      completionSize: 15,
      callSize: 16,
    });
  });

  test('of a future header is read as far as it is known', () => {
    const longer = Buffer.concat([noteBytes({ 0: 128 }), Buffer.alloc(64, 0xff)]);
    expect(read(longer).note).toEqual({ ...read(noteBytes()).note, size: 128 });
  });

  test('of an older header lacks what that did not have', () => {
    expect(read(noteBytes({ 0: 24 })).note).toEqual({ size: 24, abiVersion: 1, headerVersion: 1, pointerSize: 8, pluginSize: 64 });
    expect(read(noteBytes({ 0: 12 })).note).toEqual({ size: 12, abiVersion: 1 });
  });

  test.each([
    ['another magic number', noteBytes({ 1: 0x12345678 }), '0x12345678'],
    ['a size too small to hold a version', noteBytes({ 0: 8 }), 'a size of 12 to 4096 bytes'],
    ['a size beyond reason', noteBytes({ 0: 0xffffffff }), 'a size of 12 to 4096 bytes'],
    ['the pointers of another width', noteBytes({ 4: 4 }), 'pointers of 8 bytes'],
  ])('with %s counts as none, and says why', (_, note, problem) => {
    expect(read(note).note).toBeUndefined();
    expect(read(note).noteProblem).toContain(problem);
  });

  test('whose address is in no part of the file counts as none', () => {
    const bytes = buildElf({ note: noteBytes(), exports: [] });
    const symbol = bytes.indexOf(noteBytes()) + 64 + 2 * 24;
    bytes.writeBigUInt64LE(0x7fff_0000n, symbol + 8);
    expect(readLibrary(bufferSource(bytes), 'x64')).toMatchObject({
      note: undefined,
      noteProblem: 'expected constant data, found an address outside the file',
      exports: ['aisopod_plugin_note'],
    });
  });
});
