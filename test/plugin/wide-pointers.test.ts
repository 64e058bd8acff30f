/** What is the plugin's own is handed back as it was, whatever its 64 bits are. */
import { expect, test } from '@jest/globals';
import { openHost } from '../support/host.js';

test('self, data, user and the argument of release come back whole, and need not be addresses', async () => {
  const host = await openHost(['wide-pointers']); // whose register and init look at self
  const right = { right: true };
  for (let i = 0; i < 3; i++) expect(await host.tool('wide').call({})).toEqual(right);
  expect(host.tool('wide_inline').sync?.({})).toEqual(right);
  expect(await host.tool('call_wide').call({})).toEqual(right);
  expect((await host.registry.shutdownAll()).failed).toEqual([]);
});
