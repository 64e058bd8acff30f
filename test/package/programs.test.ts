/** What the built programs are made of, because it decides how long they take to start. */
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../support/fixtures.js';

const built = (file: string): string => path.join(projectRoot, 'dist', file);

test.each(['bundle.js', 'isolation/child/main.js', 'isolation/sandbox/launcher.js', 'cli/main.js', 'cli/validate/child.js'])(
  '%s is ASCII, so that V8 keeps one byte for each character',
  (file) => {
    const lines = readFileSync(built(file), 'utf8').split('\n');
    expect(lines.filter((line) => !/^[\0-\x7f]*$/.test(line))).toEqual([]);
  },
);

/** Whether Ajv is loaded after this code, in a new process that has loaded the package. */
function loadsAjvAfter(code: string): boolean {
  const program = `const { PluginHost, definePlugin } = require(${JSON.stringify(built('index.js'))});
(async () => {
  ${code}
  process.stdout.write(String(Object.keys(require.cache).some((file) => /ajv.dist.core.js$/.test(file))));
})();`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as boolean;
}

test('importing the package does not load Ajv; the first schema does', () => {
  expect(loadsAjvAfter('')).toBe(false);
  const tool = "{ name: 'add', parameters: { type: 'object', properties: { n: { type: 'number' } } }, call: () => 1 }";
  const plugin = `definePlugin({ id: 'own', register: (api) => api.registerTool(${tool}) })`;
  expect(loadsAjvAfter(`await (await PluginHost.open({ hostVersion: '1.0.0', pluginDirs: [], plugins: [${plugin}] })).close();`)).toBe(true);
});
