import { expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { lockPlugins, signPlugin, verifyPlugin, writeLock } from '../../src/trust/index.js';
import { temporaryFolder } from '../support/fixtures.js';
import { admitted, candidateIn, makePlugin, refusal } from './plugin.js';

test('a plugin that asks for more than before matches neither its lock nor its signature', async () => {
  const plugins = temporaryFolder();
  const candidate = await makePlugin(plugins);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  await signPlugin(candidate, privateKey);
  await writeLock(path.join(plugins, 'aisopod-plugins.lock'), await lockPlugins([candidate]));
  await admitted(candidate, { locked: 'require', signatures: 'require', keys: [publicKey] });

  appendFileSync(candidate.manifestPath, '[permissions]\nread = ["~"]\n');
  const changed = await candidateIn(candidate.path);
  expect(changed.manifest.permissions?.read).toEqual(['~']);
  expect(await refusal(changed, { locked: 'require' })).toMatchObject({ code: 'ERR_LOCK_MISMATCH', found: 'aisopod.plugin.toml was changed' });
  await expect(verifyPlugin(changed, [publicKey])).rejects.toMatchObject({ code: 'ERR_SIGNATURE', found: 'aisopod.plugin.toml was changed' });
});

test('a plugin that asks for more between the scan and the load is refused', async () => {
  const candidate = await makePlugin(temporaryFolder());
  appendFileSync(candidate.manifestPath, '[permissions]\nread = ["~"]\n');
  await writeLock(path.join(path.dirname(candidate.path), 'aisopod-plugins.lock'), await lockPlugins([await candidateIn(candidate.path)]));
  expect(await refusal(candidate, { locked: 'require' })).toMatchObject({ code: 'ERR_PLUGIN_CHANGED' });
});
