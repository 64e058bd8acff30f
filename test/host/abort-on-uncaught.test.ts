/** Hosts under `--abort-on-uncaught-exception`, where an error thrown through Node-API ends the process even if it is caught. */
import { expect, test } from '@jest/globals';
import { answerOf } from '../support/child.js';
import { folderOf, temporaryFolder } from '../support/fixtures.js';

const FLAGS = ['--abort-on-uncaught-exception'];
const script = (plugin: string, isolation: string, use: string): string => {
  const options = { isolation, hostVersion: '1.0.0', pluginDirs: [folderOf(plugin)], dataDir: temporaryFolder(), stateDir: temporaryFolder() };
  return `const host = await aisopod.PluginHost.open(${JSON.stringify(options)});
    const { state } = host.explain('${plugin}');
    ${use}
    const { failed } = await host.close();
    console.log(JSON.stringify({ state, code, failed: failed.length }));`;
};

test.each(['in-process', 'process'])('a plugin without aisopod_plugin_destroy opens and closes: %s', async (home) => {
  expect(await answerOf(script('crasher', home, 'const code = null;'), { flags: FLAGS })).toEqual({ state: 'active', code: null, failed: 0 });
});

test.each(['in-process', 'process'])('a call that passes its deadline is a typed error: %s', async (home) => {
  const use = `const code = await host.find('tool', 'pending').call({ ms: 600_000 }, { timeoutMs: 50 }).catch((error) => error.code);`;
  expect(await answerOf(script('good-c', home, use), { flags: FLAGS })).toEqual({ state: 'active', code: 'ERR_INVOCATION_TIMEOUT', failed: 0 });
});
