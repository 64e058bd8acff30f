/** Node exports zlib's, OpenSSL's and libuv's names; a plugin that has its own must reach its own. */
import { expect, test } from '@jest/globals';
import { openHost } from '../support/host.js';

test("a plugin's own deflate, crc32, uv_version and SSL_new are called, not Node's", async () => {
  const host = await openHost(['own-deflate']);
  expect(await host.tool('own_names').call({})).toEqual({ deflate: 'own', crc32: 'own', uv_version: 'own', SSL_new: 'own' });
});
