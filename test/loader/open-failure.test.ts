import { expect, test } from '@jest/globals';
import { mappedLibc } from '../../src/machine/libc-flavour.js';
import { openFailure } from '../../src/loader/open-failure.js';
import { testWhere } from '../support/fixtures.js';

const own = mappedLibc()?.flavour;
const other = own === 'glibc' ? 'musl' : 'glibc';
const REASON = 'Error relocating /p/libp.so: __fprintf_chk: symbol not found';

testWhere(own !== undefined, 'one C library for all')('a symbol that is missing because the plugin is for the other C library: the hint says so', () => {
  const error = openFailure(new Error(REASON), { dependencies: [], libc: { flavour: other, version: undefined } }, {});
  expect(error).toMatchObject({ code: 'ERR_UNDEFINED_SYMBOL', symbol: '__fprintf_chk', builtFor: other });
  expect(error.hint).toBe(`Build the plugin for the C library that this process uses: it was built for ${other}.`);
});

test.each([undefined, own && { flavour: own, version: undefined }])('a symbol that is missing in a plugin for this C library (%j) is one of another library', (libc) => {
  const error = openFailure(new Error(REASON), { dependencies: [], libc }, {});
  expect(error).not.toHaveProperty('builtFor');
  expect(error.hint).toContain('Link the plugin with the library that defines it');
});
