import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { MANIFEST_FILENAME, MAX_MANIFEST_BYTES, readManifest } from '../../src/manifest/index.js';
import { temporaryFolder, unprivileged } from './folder.js';
import { MINIMAL, problemsIn, rejectionOf } from './sample.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const onUnix = process.platform === 'win32' ? test.skip : test;

describe('readManifest', () => {
  beforeAll(() => writeFileSync(at(MANIFEST_FILENAME), MINIMAL));

  test('reads the file', async () => {
    expect((await readManifest(at(MANIFEST_FILENAME))).plugin.name).toBe('Weather');
  });

  test('passes the host version on', async () => {
    writeFileSync(at('new.toml'), `${MINIMAL}[compatibility]\nmin_host_version = "2.0.0"`);
    expect(await rejectionOf(readManifest(at('new.toml'), { hostVersion: '1.0.0' }))).toMatchObject({ code: 'ERR_VERSION_COMPATIBILITY', path: at('new.toml') });
  });

  test('a missing file: the error of the system is the cause', async () => {
    expect(await rejectionOf(readManifest(at('none.toml')))).toMatchObject({
      code: 'ERR_IO',
      step: 'manifest',
      path: at('none.toml'),
      cause: { code: 'ENOENT' },
    });
  });

  test('a folder', async () => {
    mkdirSync(at('folder.toml'));
    expect(await rejectionOf(readManifest(at('folder.toml')))).toMatchObject({ code: 'ERR_IO', path: at('folder.toml') });
  });

  test('a path with a NUL character', async () => {
    expect((await rejectionOf(readManifest('a\0b'))).code).toBe('ERR_IO');
  });

  test('of a large file no more than the limit and a byte is read', async () => {
    writeFileSync(at('large.toml'), Buffer.alloc(50_000_000, '#'));
    const error = await rejectionOf(readManifest(at('large.toml')));
    expect(problemsIn(error)).toMatchObject([{ expected: `at most ${MAX_MANIFEST_BYTES} bytes`, found: 'a larger file' }]);
  });

  onUnix('no permission (Unix)', async () => {
    writeFileSync(at('secret.toml'), MINIMAL);
    chmodSync(at('secret.toml'), 0);
    const error = await unprivileged(() => rejectionOf(readManifest(at('secret.toml'))));
    expect(error).toMatchObject({ code: 'ERR_IO', cause: { code: 'EACCES' } });
  });

  onUnix('a FIFO that nobody writes to is refused, not waited for (Unix)', async () => {
    execFileSync('mkfifo', [at('fifo.toml')]);
    expect(await rejectionOf(readManifest(at('fifo.toml')))).toMatchObject({ code: 'ERR_IO', reason: 'it is a named pipe, not a regular file' });
  });

  onUnix('a device without end is refused (Unix)', async () => {
    expect(await rejectionOf(readManifest('/dev/zero'))).toMatchObject({ code: 'ERR_IO', reason: 'it is a device, not a regular file' });
  });

  onUnix('a socket is refused (Unix)', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at('socket.toml'), resolve));
    try {
      expect((await rejectionOf(readManifest(at('socket.toml')))).code).toBe('ERR_IO');
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  onUnix('a symbolic link that leads back to itself is refused (Unix)', async () => {
    symlinkSync('loop.toml', at('loop.toml'));
    expect(await rejectionOf(readManifest(at('loop.toml')))).toMatchObject({ code: 'ERR_IO', cause: { code: 'ELOOP' } });
  });
});
