import { expect } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { openIn } from '../homes.js';

const F_SETFD = 2;

/** The program of a child, with a descriptor that looks inherited. Records for each thread that starts whether it is still open. */
const childProgram = (record: string): string => `
  const fs = require('node:fs');
  const threads = require('node:worker_threads');
  const koffi = require(${JSON.stringify(createRequire(import.meta.url).resolve('koffi'))});
  const descriptor = fs.openSync(__filename, 'r');
  koffi.load(null).func('int fcntl(int, int, ...)')(descriptor, ${F_SETFD}, 'int', 0);
  const isOpen = () => { try { fs.fstatSync(descriptor); return true; } catch { return false; } };
  threads.Worker = class extends threads.Worker {
    constructor(...given) {
      fs.appendFileSync(${JSON.stringify(record)}, isOpen() ? 'open ' : 'closed ');
      super(...given);
    }
  };
  require(${JSON.stringify(path.join(projectRoot, 'dist/isolation/child/main.js'))});`;

// A thread that starts opens descriptors that look inherited. Closing one of those ended the process, rarely.
testWhere(process.platform !== 'win32', 'Windows passes on named handles alone')('a child closes what it inherited before its first thread starts', async () => {
  const folder = temporaryFolder();
  const [childEntry, record] = [path.join(folder, 'child.cjs'), path.join(folder, 'record')];
  writeFileSync(childEntry, childProgram(record));
  const host = await openIn('process', ['good-c'], { childEntry });
  expect(await host.tool('echo').call({ a: 1 })).toEqual({ a: 1 });
  expect(readFileSync(record, 'utf8')).toMatch(/^(closed )+$/);
  await host.registry.shutdownAll();
});
