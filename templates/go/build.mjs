/** Builds the library into plugin/<platform>-<arch>/ (on musl <platform>-<arch>-musl), under the name that the host looks for. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const { platform, arch } = process;
const libc = platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined ? '-musl' : '';
const root = import.meta.dirname;
const folder = join(root, 'plugin', `${platform}-${arch}${libc}`);
const file = { win32: '{{id}}.dll', darwin: 'lib{{id}}.dylib' }[platform] ?? 'lib{{id}}.so';
const args = ['build', '-buildmode=c-shared', '-trimpath', '-ldflags=-s', '-o', join(folder, file), './src'];
const { status, error } = spawnSync('go', args, { cwd: root, stdio: 'inherit', env: { ...process.env, CGO_ENABLED: '1' } });
if (error !== undefined) console.error(`go: ${error.message}`);
if (status !== 0) process.exit(1);
// Go writes a header for C programs beside it.
for (const name of ['{{id}}.h', 'lib{{id}}.h']) rmSync(join(folder, name), { force: true });
