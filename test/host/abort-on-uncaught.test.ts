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

test.each(['inline', 'worker', 'pending'])('the crash of a child in %s is a typed error, and its plugin comes back', async (tool) => {
  const use = `const code = await host.find('tool', '${tool}').call({ fault: 'segv' }).catch((error) => error.code);
    const again = await host.find('tool', '${tool}').call({ fault: 'none' }).then(() => 'answered', (error) => error.code);
    if (again !== 'answered') throw new Error(again);`;
  expect(await answerOf(script('crasher', 'process', use), { flags: FLAGS })).toEqual({ state: 'active', code: 'ERR_PLUGIN_CRASHED', failed: 0 });
});

test.each(['inline', 'worker'])('a child that hangs in %s is killed, and its plugin comes back', async (tool) => {
  const use = `const ended = new Promise((resolve) => host.on('state', ({ state }) => state === 'restarting' && resolve()));
    let error;
    do { // on a busy machine the deadline may pass before the call has begun
      error = await host.find('tool', '${tool}').call({ fault: 'spin' }, { timeoutMs: 100 }).catch((thrown) => thrown);
    } while (error.stillRunning === false);
    const { code } = error;
    const alive = setInterval(() => {}, 1000);
    await ended;
    clearInterval(alive);
    const again = await host.find('tool', '${tool}').call({ fault: 'none' }).then(() => 'answered', (error) => error.code);
    if (again !== 'answered') throw new Error(again);`;
  expect(await answerOf(script('crasher', 'process', use), { flags: FLAGS })).toEqual({ state: 'active', code: 'ERR_INVOCATION_TIMEOUT', failed: 0 });
});

// The linker of Windows makes no library with undefined symbols.
const [REFUSED, REFUSAL] = process.platform === 'win32' ? ['needs-missing-library', 'ERR_MISSING_DEPENDENCY'] : ['undefined-symbol', 'ERR_UNDEFINED_SYMBOL'];

test.each(['in-process', 'process'])('a library that the system refuses to open is a typed error: %s', async (home) => {
  const use = `const { code } = host.explain('${REFUSED}');`;
  expect(await answerOf(script(REFUSED, home, use), { flags: FLAGS })).toEqual({ state: 'refused', code: REFUSAL, failed: 0 });
});

test.each(['domain', 'capture callback'])('a host that has its own %s keeps it', async (what) => {
  const own = what === 'domain' ? "require('node:domain')" : 'process.setUncaughtExceptionCaptureCallback(() => {})';
  const use = `const code = process.hasUncaughtExceptionCaptureCallback();`;
  expect(await answerOf(`${own}; ${script(REFUSED, 'in-process', use)}`)).toEqual({ state: 'refused', code: what !== 'domain', failed: 0 });
});
