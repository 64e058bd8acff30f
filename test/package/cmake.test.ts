import { expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { libraryFileName } from '../support/fixtures.js';
import { pack, run } from './run.js';

test('find_package finds the packed package, and a plugin outside the repository is built with it', () => {
  const { folder } = pack();
  const build = path.join(folder, 'build');
  // tar comes with every Linux and macOS, and with Windows since 10.
  run('tar', ['-xf', 'aisopod-plugin.tgz'], folder);
  run('cmake', ['-S', 'cmake', '-B', build, `-Daisopod-plugin_DIR=${path.join(folder, 'package/cmake')}`], folder);
  run('cmake', ['--build', build, '--config', 'Release'], folder);
  const plugin = readdirSync(path.join(build, 'plugins/packed'));
  expect(plugin.sort()).toEqual(['aisopod.plugin.toml', libraryFileName('packed')].sort());
});
