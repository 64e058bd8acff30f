/** Builds the library with cargo, and copies it to plugin/<platform>-<arch>/ (on musl <platform>-<arch>-musl) under the name that the host looks for. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const { platform, arch } = process;
const libc = platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined ? '-musl' : '';
const root = import.meta.dirname;
const target = join(root, 'target');
const { status, error } = spawnSync('cargo', ['build', '--release', '--target-dir', target], { cwd: root, stdio: 'inherit' });
if (error !== undefined) console.error(`cargo: ${error.message}`);
if (status !== 0) process.exit(1);

const fileOf = (name) => ({ win32: `${name}.dll`, darwin: `lib${name}.dylib` })[platform] ?? `lib${name}.so`;
const folder = join(root, 'plugin', `${platform}-${arch}${libc}`);
mkdirSync(folder, { recursive: true });
copyFileSync(join(target, 'release', fileOf('plugin')), join(folder, fileOf('{{id}}')));
