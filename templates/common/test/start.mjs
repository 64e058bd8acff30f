/** Loads the plugin as a host does, and checks what it answers. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { PluginHost } from 'aisopod-plugin';

const home = mkdtempSync(join(tmpdir(), '{{id}}-'));
let host;

before(async () => {
  // The folder that contains the folder plugin/.
  const pluginDirs = [resolve(import.meta.dirname, '..')];
  host = await PluginHost.open({ pluginDirs, hostVersion: '1.0.0', authorize: () => true, dataDir: join(home, 'data'), stateDir: join(home, 'state') });
});

after(async () => {
  await host.close();
  rmSync(home, { recursive: true, force: true });
});

/** A capability of the plugin, or an error that says why it did not load. */
function find(kind, name) {
  const found = host.find(kind, name);
  assert.ok(found, JSON.stringify(host.explain('{{id}}'), null, 2));
  return found;
}

