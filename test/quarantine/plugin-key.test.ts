import { expect, test } from '@jest/globals';
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pluginKey } from '../../src/quarantine/index.js';
import { rejectionOf } from '../manifest/sample.js';
import { temporaryFolder } from '../support/fixtures.js';
import { LIBRARY, makePlugin } from '../trust/plugin.js';

const VERSION = '1.0.0';

test('the same bytes have the same key wherever they lie; other bytes or another host, another', async () => {
  const plugins = temporaryFolder();
  const candidate = await makePlugin(plugins);
  const library = path.join(candidate.path, LIBRARY);
  const key = await pluginKey(candidate, library, VERSION);
  expect(key).toMatch(/^[0-9a-f]{64}$/);

  const copy = await makePlugin(temporaryFolder());
  expect(await pluginKey(copy, path.join(copy.path, LIBRARY), VERSION)).toBe(key);

  const others = [await pluginKey(candidate, library, '1.0.1')];
  appendFileSync(library, '!');
  others.push(await pluginKey(candidate, library, VERSION));
  writeFileSync(library, 'code');
  expect(await pluginKey(candidate, library, VERSION)).toBe(key);
  appendFileSync(candidate.manifestPath, '# a comment\n');
  others.push(await pluginKey(candidate, library, VERSION));
  expect(new Set([key, ...others]).size).toBe(4);
});

test('what cannot be read, or is too large to be read, is an error that names it', async () => {
  const candidate = await makePlugin(temporaryFolder());
  const library = path.join(candidate.path, LIBRARY);
  expect(await rejectionOf(pluginKey(candidate, `${library}.not`, VERSION))).toMatchObject({ code: 'ERR_IO', step: 'trust', path: `${library}.not` });
  expect(await rejectionOf(pluginKey(candidate, candidate.path, VERSION))).toMatchObject({ code: 'ERR_IO', path: candidate.path });
  truncateSync(library, 2 * 1024 ** 3 + 1);
  expect(await rejectionOf(pluginKey(candidate, library, VERSION))).toMatchObject({ code: 'ERR_PLUGIN_FOLDER', path: library });
});
