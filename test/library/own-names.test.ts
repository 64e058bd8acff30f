/** Node exports zlib's, OpenSSL's and libuv's names; a plugin that has its own must reach its own. */
import { expect } from '@jest/globals';
import { mappedLibc } from '../../src/machine/libc-flavour.js';
import { testWhere } from '../support/fixtures.js';
import { openHost } from '../support/host.js';

const testDeep = testWhere(mappedLibc()?.flavour !== 'musl', 'musl has no RTLD_DEEPBIND');

testDeep("a plugin's own deflate, crc32, uv_version and SSL_new are called, not Node's", async () => {
  const host = await openHost(['own-deflate']);
  expect(await host.tool('own_names').call({})).toEqual({ deflate: 'own', crc32: 'own', uv_version: 'own', SSL_new: 'own' });
});
