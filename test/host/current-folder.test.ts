/** Hosts whose current folder no longer exists: what does not need it works, what does fails with a typed error. */
import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { canShare } from '../isolation/shared-memory/memory.js';
import { folderOf, projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';

const isLinux = process.platform === 'linux';
const testGone = testWhere(process.platform !== 'win32', 'Windows does not remove the current folder of a process');
const dist = JSON.stringify(path.join(projectRoot, 'dist/index.js'));

/** Prints what a host does in a folder that it has just removed, as JSON. */
function inFolderThatIsGone({ isolation, wasRead, nodePath }: { readonly isolation: string; readonly wasRead: boolean; readonly nodePath?: string }): unknown {
  const own = temporaryFolder();
  const cwd = path.join(own, 'gone');
  mkdirSync(cwd);
  const options = {
    hostVersion: '1.0.0',
    isolation,
    pluginDirs: [folderOf('good-c')],
    dataDir: path.join(own, 'data'),
    stateDir: path.join(own, 'state'),
    processes: { ...(nodePath !== undefined && { nodePath }) },
  };
  const script = path.join(own, 'host.cjs');
  const source = `
    const { readFileSync, readlinkSync, rmSync } = require('node:fs');
    const { PluginHost } = require(${dist});
    const firstChild = () => readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').split(' ')[0];
    async function main() {
      if (${wasRead}) process.cwd(); // Node remembers it
      rmSync(${JSON.stringify(cwd)}, { recursive: true });
      const host = await PluginHost.open(${JSON.stringify(options)});
      const codeOf = (promise) => promise.then(() => 'none', ({ code, option, message }) => ({ code, option, message }));
      const result = {
        answer: await host.find('tool', 'echo').call({ a: 1 }),
        ...(${isolation === 'process' && isLinux} && { childIn: readlinkSync('/proc/' + firstChild() + '/cwd') }),
        command: await codeOf(host.find('command', 'greet').run(['Ann'])),
        commandWithFolder: await codeOf(host.find('command', 'greet').run(['Ann'], { cwd: '/' })),
        relative: await codeOf(PluginHost.open({ ...${JSON.stringify(options)}, pluginDirs: ['plugins'] })),
      };
      await host.close();
      console.log(JSON.stringify(result));
    }
    void main();
  `;
  writeFileSync(script, source);
  const { stdout, stderr } = spawnSync(process.execPath, [script], { cwd, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`no answer: ${stderr}`);
  }
}

const GONE = 'since the current folder no longer exists';
const FINE = {
  answer: { a: 1 },
  command: { code: 'ERR_OPTIONS', option: 'cwd', message: expect.stringContaining(`a path, ${GONE}`) as unknown },
  commandWithFolder: 'none',
  relative: { code: 'ERR_OPTIONS', option: 'pluginDirs[0]', message: expect.stringContaining(`an absolute path, ${GONE}`) as unknown },
};

describe.each(['process', 'in-process'])('%s', (isolation) => {
  const child = isolation === 'process' && isLinux ? { childIn: '/' } : {};
  for (const wasRead of [false, true]) {
    testGone(wasRead ? 'and Node remembers its path' : 'and nothing has asked for its path before', () => {
      expect(inFolderThatIsGone({ isolation, wasRead })).toEqual({ ...FINE, ...child });
    });
  }
});

testGone('a nodePath that is asked whether it is Node', () => {
  expect(inFolderThatIsGone({ isolation: 'process', wasRead: false, nodePath: process.execPath })).toMatchObject(FINE);
});

testWhere(canShare, 'memory is shared on Linux, x64 and arm64')('shared memory carries the calls of a child whose current folder has a package.json that cannot be read', () => {
  const own = temporaryFolder();
  const cwd = path.join(own, 'broken');
  mkdirSync(cwd);
  writeFileSync(path.join(cwd, 'package.json'), '{ broken');
  const options = { hostVersion: '1.0.0', isolation: 'process', pluginDirs: [folderOf('good-c')], dataDir: path.join(own, 'data'), quarantine: false };
  const script = path.join(own, 'host.cjs');
  const source = `
    const { PluginHost } = require(${dist});
    void (async () => {
      const host = await PluginHost.open(${JSON.stringify(options)});
      console.log(JSON.stringify([host.explain('good-c').transport, await host.find('tool', 'echo').call({ a: 1 })]));
      await host.close();
    })();
  `;
  writeFileSync(script, source);
  const { stdout, stderr } = spawnSync(process.execPath, [script], { cwd, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  expect([stdout, stderr]).toEqual(['["shared memory",{"a":1}]\n', '']);
});

test('relative folders stay what they were when the host was opened, whatever chdir does then', () => {
  const plugins = folderOf('good-c');
  const own = temporaryFolder();
  const options = { hostVersion: '1.0.0', isolation: 'in-process', pluginDirs: ['.'], dataDir: path.relative(plugins, path.join(own, 'data')), stateDir: path.relative(plugins, path.join(own, 'state')) };
  const source = `
    const { PluginHost } = require(${dist});
    void (async () => {
      const host = await PluginHost.open(${JSON.stringify(options)});
      process.chdir('/');
      const changes = await host.rescan();
      console.log(JSON.stringify([changes, host.explain('good-c').state, await host.find('tool', 'echo').call({ a: 1 })]));
      await host.close();
    })();
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', source], { cwd: plugins, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  expect([stdout, stderr]).toEqual(['[{"added":[],"removed":[]},"active",{"a":1}]\n', '']);
});
