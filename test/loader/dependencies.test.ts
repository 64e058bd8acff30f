/** Needed libraries that cannot be found: the error names the library that needs them, and what to do. */
import { expect } from '@jest/globals';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mappedLibc } from '../../src/machine/libc-flavour.js';
import { hostTarget, triage } from '../../src/triage/index.js';
import { beside, compileBundled, compilePlugin } from '../support/compile-plugin.js';
import { temporaryFolder, testWhere } from '../support/fixtures.js';
import { errorOf, loadFixture } from '../support/host.js';
import { loadIn } from '../isolation/homes.js';

const ANSWER = `
int outer(void);
static int32_t answer(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data; (void)request;
  return aisopod_reply_json(reply, outer() == 2 ? "2" : "0");
}`;
const onLinux = process.platform === 'linux';
const linuxTest = testWhere(onLinux, 'the loader of Linux is meant');
const glibcTest = testWhere(onLinux && mappedLibc()?.flavour === 'glibc', "musl's loader searches the folders of the plugin also for what its libraries need");

/** A plugin that needs libouter.so, which needs libinner.so; both lie beside it, and only the plugin says $ORIGIN. */
function makePlugin(id: string, parent: string): string {
  const folder = path.join(parent, id);
  const inner = compileBundled(folder, 'libinner.so', 'int inner(void) { return 1; }');
  compileBundled(folder, 'libouter.so', 'int inner(void); int outer(void) { return inner() + 1; }', [inner]);
  return compilePlugin(parent, id, { source: ANSWER, flags: [...beside(folder, 'outer'), `-Wl,-rpath-link,${folder}`] });
}

glibcTest('one that lies beside the library that needs it, but without $ORIGIN there', async () => {
  const parent = temporaryFolder();
  const folder = makePlugin('no-origin', parent);
  for (const home of ['in-process', 'process'] as const) {
    const error = await errorOf(loadIn(home, 'no-origin', { pluginDirs: [parent] }));
    expect(error).toMatchObject({ code: 'ERR_MISSING_DEPENDENCY', library: 'libinner.so', neededBy: path.join(folder, 'libouter.so'), isBeside: true });
    expect(error.message).toContain('libouter.so needs libinner.so');
    expect(error.hint).toMatch(/^libinner\.so is in the folder of libouter\.so, but that folder is not searched: link libouter\.so with -Wl,-rpath,'\$ORIGIN'/);
    expect(error.hint).not.toContain('ship it');
  }
});

linuxTest('one that is nowhere is to be shipped beside the library that needs it', async () => {
  const parent = temporaryFolder();
  const folder = makePlugin('nowhere', parent);
  rmSync(path.join(folder, 'libinner.so'));
  const error = await errorOf(loadFixture('nowhere', { pluginDirs: [parent] }));
  expect(error).toMatchObject({ code: 'ERR_MISSING_DEPENDENCY', library: 'libinner.so', isBeside: false });
  expect(error.hint).toBe("Install libinner.so, or ship it in the folder of libouter.so and link libouter.so with -Wl,-rpath,'$ORIGIN'.");
});

glibcTest('triage follows what bundled libraries need', async () => {
  const parent = temporaryFolder();
  const folder = makePlugin('followed', parent);
  const { dependencies, missing, verdict } = await triage(path.join(folder, 'libfollowed.so'));
  expect(dependencies).toContainEqual(expect.objectContaining({ name: 'libouter.so', path: path.join(folder, 'libouter.so'), isBundled: true }));
  expect(missing).toEqual(['libinner.so']);
  expect(verdict.warnings).toContainEqual(expect.objectContaining({ topic: 'missing-dependency', hint: expect.stringContaining('that folder is not searched') }));
});

linuxTest('a bundled library that is cut off is refused before it is opened: opening it would end the process', async () => {
  const parent = temporaryFolder();
  const folder = makePlugin('cut-off', parent);
  const outer = path.join(folder, 'libouter.so');
  const whole = readFileSync(outer);
  writeFileSync(outer, whole.subarray(0, Math.floor(whole.length * 0.6)));
  expect(await errorOf(loadFixture('cut-off', { pluginDirs: [parent] }))).toMatchObject({ code: 'ERR_LIBRARY_FORMAT', pluginId: 'cut-off', path: outer });
});

/** A stand-in for musl: an empty library with the name of musl's, which the plugin needs and which is not installed. */
testWhere(hostTarget().libc?.flavour === 'glibc', 'this process does not use glibc')(
  'a plugin for musl is to be built for glibc, in both homes, and nothing is to be installed',
  async () => {
    const parent = temporaryFolder();
    const folder = path.join(parent, 'for-musl');
    const libc = compileBundled(folder, 'libc.musl-test.so.1', 'int outer(void); int outer(void) { return 2; }');
    compilePlugin(parent, 'for-musl', { source: ANSWER, flags: [libc] });
    rmSync(libc);
    const hint = 'Build the plugin for the C library that this process uses: libc.musl-test.so.1 belongs to musl.';
    const { verdict } = await triage(path.join(folder, 'libfor-musl.so'));
    expect(verdict.warnings).toContainEqual(expect.objectContaining({ topic: 'missing-dependency', hint }));
    for (const home of ['in-process', 'process'] as const) {
      expect(await errorOf(loadIn(home, 'for-musl', { pluginDirs: [parent] }))).toMatchObject({ code: 'ERR_MISSING_DEPENDENCY', library: 'libc.musl-test.so.1', hint });
    }
  },
);
