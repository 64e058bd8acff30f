import { expect, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { Trace } from '../../src/report/trace.js';
import type { TrustOptions } from '../../src/trust/index.js';
import { temporaryFolder } from '../support/fixtures.js';
import { admitted, makePlugin, refusal } from './plugin.js';

test.each<[string, TrustOptions]>([
  ['neither list', {}],
  ['an allow list that names it', { allow: ['other', 'weather'] }],
  ['a deny list that names another', { deny: ['weather-2'] }],
])('a plugin is admitted with %s', async (_, options) => {
  await expect(admitted(await makePlugin(temporaryFolder()), options)).resolves.toMatchObject({ isCopy: false });
});

test.each<[string, TrustOptions, string]>([
  ['deny names it', { deny: ['weather'] }, 'deny'],
  ['both name it: deny wins', { allow: ['weather'], deny: ['weather'] }, 'deny'],
  ['allow names others', { allow: ['Weather', 'weather-2'] }, 'allow'],
  ['allow is empty', { allow: [] }, 'allow'],
])('a plugin is refused where %s', async (_, options, rule) => {
  const candidate = await makePlugin(temporaryFolder());
  expect(await refusal(candidate, options)).toMatchObject({ code: 'ERR_DENIED_BY_POLICY', step: 'trust', rule, pluginId: 'weather', found: 'weather' });
});

test('policy comes before anything else of the plugin is read: its folder need not be there any more', async () => {
  const candidate = await makePlugin(temporaryFolder());
  rmSync(candidate.path, { recursive: true });
  const trace = new Trace();
  expect(await refusal(candidate, { deny: ['weather'], locked: 'require' }, trace)).toMatchObject({ code: 'ERR_DENIED_BY_POLICY' });
  expect(trace.entries).toMatchObject([{ step: 'trust', check: 'policy', decision: 'refused', code: 'ERR_DENIED_BY_POLICY' }]);
});
