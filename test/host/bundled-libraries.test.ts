/** Libraries that plugins ship beside their own: in one process each name stands for one mapping, with one set of global variables. */
import { describe, expect } from '@jest/globals';
import { copyFileSync, cpSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import type { PluginHost } from '../../src/host/plugin-host.js';
import { beside, compileBundled, compilePlugin } from '../support/compile-plugin.js';
import { copyFixture, temporaryFolder, testWhere } from '../support/fixtures.js';
import { candidateOf, errorOf, loaderOf } from '../support/host.js';
import { open } from './host.js';

const linuxTest = testWhere(process.platform === 'linux', 'the loader of Linux is meant');

/** Answers how often it and its bundled library were called. */
const ANSWER = `
int count_there(void);
static int count_here;
static int32_t answer(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char text[64];
  (void)data; (void)request;
  snprintf(text, sizeof text, "[%d,%d]", ++count_here, count_there());
  return aisopod_reply_json(reply, text);
}`;

/** SONAMEs differ between tests: what one test has mapped stays. */
let number = 0;

interface Counter {
  readonly id: string;
  readonly parent: string;
  /** The name of its bundled library, which is in `folder`. */
  readonly name: string;
}

function makeCounter({ id = 'counter', parent = temporaryFolder(), name = `count-${process.pid}-${++number}`, folder = path.join(parent, id), step = 1, rpath = '$ORIGIN' } = {}): Counter {
  compileBundled(folder, `lib${name}.so`, `static int count; int count_there(void) { return count += ${step}; }`);
  const place = rpath === '$ORIGIN' ? beside(folder, name) : [`-L${folder}`, `-l${name}`, `-Wl,-rpath,${rpath}`];
  compilePlugin(parent, id, { source: ANSWER, flags: place });
  return { id, parent, name };
}

const call = (host: PluginHost, id = 'counter'): Promise<unknown> | undefined => host.find('tool', id)?.call({});

describe('two hosts in one process, each with the same plugin in-process', () => {
  linuxTest('the second is refused while the first runs, and works when the first was shut down', async () => {
    const { parent, name } = makeCounter();
    const first = await open({ pluginDirs: [parent] });
    const second = await open({ pluginDirs: [parent] });
    expect(await call(first)).toEqual([1, 1]);
    expect(second.explain('counter')).toMatchObject({ state: 'refused', step: 'triage', code: 'ERR_LIBRARY_CONFLICT' });
    expect(second.explain('counter')?.message).toContain(`needs lib${name}.so`);
    expect(second.explain('counter')?.message).toContain('global variables would be shared');
    expect(second.explain('counter')?.hint).toMatch(/isolation: "process".*shut the other instance down/);
    expect(await call(first)).toEqual([2, 2]);
    await first.disable('counter');
    expect(await second.enable('counter')).toMatchObject({ state: 'active' });
    // Now the first has to wait.
    expect((await first.enable('counter').catch(() => undefined)) ?? first.explain('counter')).toMatchObject({ code: 'ERR_LIBRARY_CONFLICT' });
  });

  linuxTest('in a child of its own the second has its own library', async () => {
    const { parent } = makeCounter();
    const first = await open({ pluginDirs: [parent] });
    const second = await open({ pluginDirs: [parent], isolation: 'process' });
    expect([await call(first), await call(first), await call(second)]).toEqual([[1, 1], [2, 2], [1, 1]]);
  });

  linuxTest('a library in the plugin folder that is needed by an absolute path is refused as well', async () => {
    const parent = temporaryFolder();
    makeCounter({ parent, rpath: path.join(parent, 'counter') });
    await open({ pluginDirs: [parent] });
    expect((await open({ pluginDirs: [parent] })).explain('counter')).toMatchObject({ code: 'ERR_LIBRARY_CONFLICT' });
  });

  linuxTest('a library outside the plugin folder is not the plugin’s own: it is shared', async () => {
    const outside = temporaryFolder();
    const { parent } = makeCounter({ folder: outside, rpath: outside });
    const [first, second] = [await open({ pluginDirs: [parent] }), await open({ pluginDirs: [parent] })];
    expect([await call(first), await call(second)]).toEqual([[1, 1], [1, 2]]);
  });
});

linuxTest('two loads of one plugin by one loader: the second is refused', async () => {
  const { parent } = makeCounter();
  const loader = loaderOf({ pluginDirs: [parent] });
  const candidate = await candidateOf(loader, 'counter');
  await loader.loadPlugin(candidate);
  expect(await errorOf(loader.loadPlugin(candidate))).toMatchObject({ code: 'ERR_LIBRARY_CONFLICT', isShared: true, pluginId: 'counter' });
});

/** Two plugins, each with its own copy of one library. */
function makeTwo(): { readonly one: Counter; readonly two: Counter } {
  const one = makeCounter({ id: 'one' });
  const two = makeCounter({ id: 'two', name: one.name });
  // Built again it may differ: Zig writes the path of the source into it.
  const library = ({ parent, id, name }: Counter): string => path.join(parent, id, `lib${name}.so`);
  copyFileSync(library(one), library(two));
  return { one, two };
}

linuxTest('different plugins with the same library share it in one host, and are kept apart in two', async () => {
  const { one, two } = makeTwo();
  const host = await open({ pluginDirs: [one.parent, two.parent] });
  expect([await call(host, 'one'), await call(host, 'two')]).toEqual([[1, 1], [1, 2]]);
  await host.disable('two');
  expect((await open({ pluginDirs: [two.parent] })).explain('two')).toMatchObject({ code: 'ERR_LIBRARY_CONFLICT' });
});

describe('an update of the bundled library', () => {
  /** Renames new files over the old ones. */
  function update({ parent, id }: Counter, next: Counter): void {
    const [from, to] = [path.join(next.parent, next.id), path.join(parent, id)];
    cpSync(from, `${to}.next`, { recursive: true });
    mkdirSync(`${to}.old`);
    renameSync(to, path.join(`${to}.old`, 'was'));
    renameSync(`${to}.next`, to);
  }

  linuxTest('in-process, the hint says to restart the host', async () => {
    const counter = makeCounter();
    const host = await open({ pluginDirs: [counter.parent] });
    await host.disable('counter');
    update(counter, makeCounter({ name: counter.name, step: 100 }));
    await host.enable('counter').catch(() => undefined);
    expect(host.explain('counter')).toMatchObject({ state: 'refused', code: 'ERR_LIBRARY_CONFLICT' });
    expect(host.explain('counter')?.hint).toMatch(/keeps the earlier file until it ends\. Restart that process \(the host, .*isolation: "process"/);
  });

  linuxTest('in a shared child, what the hint says works', async () => {
    const counter = makeCounter();
    copyFixture('good-c', counter.parent);
    const host = await open({ pluginDirs: [counter.parent], isolation: { process: 'shared' } });
    await host.disable('counter');
    update(counter, makeCounter({ name: counter.name, step: 100 }));
    await host.enable('counter').catch(() => undefined);
    expect(host.explain('counter')).toMatchObject({ state: 'refused', code: 'ERR_LIBRARY_CONFLICT', hint: expect.stringContaining('for a shared child disable all') });
    await host.disable('good-c');
    expect(await host.enable('counter')).toMatchObject({ state: 'active' });
    expect(await call(host)).toEqual([1, 100]);
  });
});
