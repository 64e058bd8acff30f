import { expect, test } from '@jest/globals';
import { readLinkage } from '../../src/triage/index.js';
import { buildElf } from './build-elf.js';
import { buildPe } from './build-pe.js';
import { REQUIRED } from './bytes.js';
import { tempFolder } from './temp-folder.js';

const temp = tempFolder();

test('what an ELF library imports, and the versions that it requires', async () => {
  const bytes = buildElf({ exports: REQUIRED, needed: ['libc.so.6'], versions: { 'libc.so.6': ['GLIBC_2.4', 'GLIBC_2.34'] } });
  expect(await readLinkage(temp.write('libimports.so', bytes))).toEqual({ required: ['imported_function'], optional: [], versions: ['GLIBC_2.4', 'GLIBC_2.34'] });
});

test('other files have no linkage: of another format, truncated, none at all', async () => {
  expect(await readLinkage(temp.write('other.dll', buildPe()))).toBeUndefined();
  expect(await readLinkage(temp.write('libcut.so', buildElf().subarray(0, -1)))).toBeUndefined();
  expect(await readLinkage(temp.path('none.so'))).toBeUndefined();
});
