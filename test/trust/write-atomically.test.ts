import { describe, expect, test } from '@jest/globals';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeAtomically, writeAtomicallySync } from '../../src/trust/write-atomically.js';
import { temporaryFolder } from '../support/fixtures.js';
import { errorOf } from '../support/host.js';

const inPromise = async (path: string): Promise<void> => Promise.resolve().then(() => writeAtomicallySync(path, 'new', 0o600));

describe.each([
  ['writeAtomically', (file: string) => writeAtomically(file, 'new', 0o600)],
  ['writeAtomicallySync', inPromise],
])('%s', (_name, write) => {
  test('says why it cannot, also if what it began with cannot be removed', async () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    for (const target of [path.join(file, 'below'), path.join(file, '..', 'missing', 'below')]) {
      expect(await errorOf(write(target))).toMatchObject({ code: 'ERR_IO', path: target });
    }
  });

  test('leaves nothing behind if it cannot take the place of what is there', async () => {
    const folder = temporaryFolder();
    expect(await errorOf(write(folder))).toMatchObject({ code: 'ERR_IO' });
    expect(readdirSync(path.dirname(folder)).filter((name) => name.startsWith(`${path.basename(folder)}.`))).toEqual([]);
  });
});
