/** A stranger's file is read without waiting and without end, whatever is there. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FileTooLargeError, NotRegularFileError, openRegularFile, readBounded } from '../../src/files/index.js';
import { temporaryFolder, testWhere } from '../support/fixtures.js';

const folder = temporaryFolder();
const at = (name: string): string => path.join(folder, name);
const onPosix = testWhere(process.platform !== 'win32', 'Windows has no such files in folders');
const onLinux = testWhere(process.platform === 'linux', 'only Linux has /proc');

describe('anything but a regular file is refused, and named', () => {
  test('a directory', async () => {
    mkdirSync(at('folder'));
    await expect(readBounded(at('folder'), 10)).rejects.toEqual(new NotRegularFileError('a directory'));
  });

  onPosix('a named pipe that nobody writes to', async () => {
    spawnSync('mkfifo', [at('pipe')]);
    await expect(readBounded(at('pipe'), 10)).rejects.toEqual(new NotRegularFileError('a named pipe'));
  });

  onPosix('a device without end', async () => {
    await expect(readBounded('/dev/zero', 10)).rejects.toEqual(new NotRegularFileError('a device'));
  });

  onPosix('a socket', async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(at('socket'), listening));
    await expect(readBounded(at('socket'), 10)).rejects.toMatchObject({ code: 'ENXIO' }); // the system refuses it first
    server.close();
  });

  test('nothing', async () => {
    await expect(readBounded(at('nothing'), 10)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('size', () => {
  test.each([0, 1, 9, 10])('%d of 10 bytes', async (length) => {
    writeFileSync(at('file'), 'a'.repeat(length));
    expect((await readBounded(at('file'), 10)).toString()).toBe('a'.repeat(length));
  });

  test('one byte too many, and a sparse file of 1 TiB', async () => {
    writeFileSync(at('large'), 'a'.repeat(11));
    await expect(readBounded(at('large'), 10)).rejects.toEqual(new FileTooLargeError(10));
    truncateSync(at('large'), 2 ** 40);
    await expect(readBounded(at('large'), 10)).rejects.toEqual(new FileTooLargeError(10));
  });

  onLinux('a file that says it has 0 bytes, and has more', async () => {
    expect((await readBounded('/proc/self/status', 1 << 20)).toString()).toContain('Pid:');
    await expect(readBounded('/proc/self/status', 20)).rejects.toEqual(new FileTooLargeError(20));
  });
});

onPosix('a link is followed, unless it must not be', async () => {
  writeFileSync(at('target'), 'text');
  symlinkSync(at('target'), at('link'));
  expect((await readBounded(at('link'), 10)).toString()).toBe('text');
  await expect(openRegularFile(at('link'), { followLink: false })).rejects.toMatchObject({ code: 'ELOOP' });
});
