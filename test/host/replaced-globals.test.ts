/** Hosts in which something has replaced Node's globals, as jsdom, an Electron renderer or a test with fake timers do. */
import { expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { answerOf } from '../support/child.js';
import { folderOf, temporaryFolder } from '../support/fixtures.js';

/** Takes one plugin through its life, and prints what it saw. */
const script = (isolation: string): string => {
  const options = { isolation, hostVersion: '1.0.0', pluginDirs: [folderOf('good-c')], dataDir: temporaryFolder(), stateDir: temporaryFolder() };
  return `const host = await aisopod.PluginHost.open(${JSON.stringify(options)});
    const { state, code } = host.explain('good-c');
    const echo = await host.find('tool', 'echo').call({ text: 'ä€ and more' });
    const pending = await host.find('tool', 'pending').call({ ms: 600_000 }, { timeoutMs: 50 }).catch((error) => error.code);
    const { failed } = await host.close();
    console.log(JSON.stringify({ state, code, echo, pending, failed }));`;
};
const FINE = { state: 'active', echo: { text: 'ä€ and more' }, pending: 'ERR_INVOCATION_TIMEOUT', failed: [] };

const NUMERIC_TIMERS = `for (const name of ['setTimeout', 'setInterval', 'setImmediate']) {
    const real = globalThis[name];
    let last = 0;
    globalThis[name] = (...args) => (real(...args), ++last);
  }`;
/** One that is used shows at once. */
const FORBIDDEN = `for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'performance',
    'Buffer', 'TextEncoder', 'TextDecoder', 'URL', 'fetch', 'structuredClone']) {
    Object.defineProperty(globalThis, name, { value: () => { throw new Error(name + ' was used'); } });
  }`;

test.each(['in-process', 'process'].flatMap((home) => [
  ['timers are numbers', home, NUMERIC_TIMERS],
  ['whatever Node has in a module is gone', home, FORBIDDEN],
  ['microtasks are fake', home, 'globalThis.queueMicrotask = () => undefined;'],
]))('%s: %s', async (_name, home, replace) => {
  const preload = path.join(temporaryFolder(), 'replace.cjs');
  writeFileSync(preload, replace);
  expect(await answerOf(script(home), { flags: ['--require', preload] })).toEqual(FINE);
});

/** As old versions of Prototype.js do it. */
const ARRAYS_AS_TEXT = `Array.prototype.toJSON = function () { return '[' + Array.from(this, String).join() + ']'; };`;

test.each(['in-process', 'process'])('arrays with a toJSON of their own in a host that is %s', async (home) => {
  const printed = script(home).replace('console.log(', 'delete Array.prototype.toJSON; console.log(');
  expect(await answerOf(ARRAYS_AS_TEXT + printed)).toEqual(FINE);
});

/** As a hardened host does it. */
const FROZEN = 'for (const { prototype } of [Object, Function, Array, Error, Promise, Map, Set, String, RegExp]) Object.freeze(prototype);';

test.each(['in-process', 'process'])('frozen prototypes in a host that is %s', async (home) => {
  expect(await answerOf(FROZEN + script(home))).toEqual(FINE);
});

/** As the test runners do it: also what Node's modules export, after the package was loaded. */
const FAKE_TIME = `require('node:test').mock.timers.enable(); require('node:perf_hooks').performance.now = () => 0;`;

test.each(['in-process', 'process'])('fake timers of a test of the host that is %s', async (home) => {
  expect(await answerOf(FAKE_TIME + script(home))).toEqual(FINE);
});

test('a child that crashes under fake timers is restarted', async () => {
  const options = { hostVersion: '1.0.0', pluginDirs: [folderOf('crasher')], dataDir: temporaryFolder(), stateDir: temporaryFolder() };
  const crash = `const host = await aisopod.PluginHost.open(${JSON.stringify(options)});
    const crashed = await host.find('tool', 'worker').call({ fault: 'abort' }).catch((error) => error.code);
    const again = await host.find('tool', 'worker').call({ fault: 'none' });
    await host.close();
    console.log(JSON.stringify({ crashed, again }));`;
  expect(await answerOf(FAKE_TIME + crash)).toEqual({ crashed: 'ERR_PLUGIN_CRASHED', again: { survived: true } });
});
