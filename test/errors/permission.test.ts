/** A host under Node's permission model: the hint of the error names the flag that is missing. */
import { describe, expect } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { folderOf, projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';

const FLAG = ['--permission', '--experimental-permission'].find((flag) => process.allowedNodeEnvironmentFlags.has(flag));
const testPermission = testWhere(FLAG !== undefined, 'this Node has no permission model');

const HOST = `
const print = ({ code, hint, message }) => console.log(JSON.stringify({ code, hint, message }));
(async () => {
  const [, index, plugins, own, isolation] = process.argv;
  const { PluginHost } = require(index);
  const options = { pluginDirs: [plugins], hostVersion: '1.0.0', stateDir: own + '/state', dataDir: own + '/data', isolation };
  const host = await PluginHost.open(options);
  for (const report of host.report()) print(report.state === 'active' ? { code: 'active' } : report);
  await host.close();
})().catch(print);`;

/** What a host with these permissions says of its only plugin. */
function underPermissions(flags: readonly string[], isolation: string): { readonly code?: string; readonly hint?: string } {
  const args = [FLAG ?? '', ...flags, '-e', HOST, path.join(projectRoot, 'dist/index.js'), folderOf('good-c'), temporaryFolder(), isolation];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  if (stdout === '') throw new Error(`the host printed nothing: ${stderr}`);
  return JSON.parse(stdout) as { code?: string; hint?: string };
}

describe('the flag that is missing', () => {
  const files = ['--allow-fs-read=*', '--allow-fs-write=*'];

  testPermission('for koffi', () => {
    const { code, hint } = underPermissions(files, 'process');
    expect([code, hint]).toEqual(['ERR_NO_ADDONS', expect.stringContaining('--allow-addons')]);
  });

  testPermission('for a child process', () => {
    const { code, hint } = underPermissions([...files, '--allow-addons'], 'process');
    expect([code, hint]).toEqual(['ERR_CHILD_PROCESS', expect.stringContaining('--allow-child-process')]);
  });

  testPermission('for the plugin folder', () => {
    const { code, hint } = underPermissions([`--allow-fs-read=${projectRoot}/*`, '--allow-fs-write=*', '--allow-addons'], 'in-process');
    expect([code, hint]).toEqual(['ERR_DIRECTORY_SCAN', expect.stringContaining('--allow-fs-read')]);
  });

  testPermission('none: a plugin runs in this process', () => {
    expect(underPermissions([...files, '--allow-addons'], 'in-process').code).toBe('active');
  });
});
