import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TSC } from '../tsc.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Compiles TypeScript files of this repository into a folder of their own, so that a script runs what the sources
 * say now and not the last build. Returns a way to import them by the path they have in the repository.
 */
export function compile(files) {
  const folder = mkdtempSync(join(tmpdir(), 'aisopod-triage-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const options = ['--ignoreConfig', '--target', 'es2022', '--lib', 'es2023', '--types', 'node', '--module', 'nodenext', '--skipLibCheck'];
  execFileSync(process.execPath, [TSC, ...options, '--rootDir', root, '--outDir', folder, ...files], { cwd: root, stdio: 'inherit' });
  return (file) => import(pathToFileURL(join(folder, file.replace(/\.ts$/, '.js'))).href);
}
