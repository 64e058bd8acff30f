/** What a child starts first: the thread that calls its plugins takes longest. */
import { expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { openIn, type Home } from '../homes.js';

/** The program of a child that records for each thread that it starts whether it has loaded koffi. */
const childProgram = (record: string): string => `
  const fs = require('node:fs');
  const threads = require('node:worker_threads');
  threads.Worker = class extends threads.Worker {
    constructor(...given) {
      fs.appendFileSync(${JSON.stringify(record)}, Object.keys(require.cache).some((file) => file.endsWith('.node')) ? 'late ' : 'first ');
      super(...given);
    }
  };
  require(${JSON.stringify(path.join(projectRoot, 'dist/isolation/child/main.js'))});`;

async function threadsOf(home: Home, ids: readonly string[]): Promise<string> {
  const folder = temporaryFolder();
  const [childEntry, record] = [path.join(folder, 'child.cjs'), path.join(folder, 'record')];
  writeFileSync(childEntry, childProgram(record));
  const host = await openIn(home, ids, { childEntry });
  const threads = readFileSync(record, 'utf8');
  expect(await host.tool('echo').call({ a: 1 })).toEqual({ a: 1 });
  await host.registry.shutdownAll();
  return threads;
}

const testOnLinux = testWhere(process.platform === 'linux', 'elsewhere only native code can tell which descriptors are inherited');

testOnLinux('a child starts its thread for calls before it loads koffi, and no second one', async () => {
  expect(await threadsOf('process', ['good-c'])).toBe('first ');
  expect(await threadsOf('socket', ['good-c'])).toBe('first ');
});

test('a child whose list of descriptors cannot be read starts it later', async () => {
  const folder = temporaryFolder();
  const childEntry = path.join(folder, 'child.cjs');
  const main = JSON.stringify(path.join(projectRoot, 'dist/isolation/child/main.js'));
  writeFileSync(childEntry, `const fs = require('node:fs'); const { existsSync } = fs; fs.existsSync = (name) => !String(name).startsWith('/proc/self/fdinfo') && existsSync(name); require(${main});`);
  const host = await openIn('process', ['good-c'], { childEntry });
  expect(await host.tool('echo').call({ a: 1 })).toEqual({ a: 1 });
  await host.registry.shutdownAll();
});
