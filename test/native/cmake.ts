import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { run } from '../package/run.js';
import { isWine, projectRoot, testWhere } from '../support/fixtures.js';

/** Whether a command is installed: it answers `--version`. */
export const isInstalled = (command: string): boolean => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/** For tests that build something with CMake. */
export const withCmake = testWhere(!isWine, 'wine: no CMake runs there');

/** Configures a project outside the repository with this working tree's CMake package. Returns the build folder. */
export function configure(source: string, options: readonly string[] = []): string {
  const build = path.join(source, 'build');
  const found = `-Daisopod-plugin_DIR=${path.join(projectRoot, 'cmake')}`;
  run('cmake', ['-S', source, '-B', build, found, ...options], source);
  return build;
}

export function build(folder: string, config = 'Release'): void {
  run('cmake', ['--build', folder, '--config', config, '--parallel', String(availableParallelism())], folder);
}
