/** Builds the plugins and the addon of the benchmark into build/bench. Both call the same C functions. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { libraryFilename } from 'aisopod-plugin';
import { ROOT } from '../setup.mjs';
import { requireToolchain } from '../toolchain.mjs';

const buildDir = join(ROOT, 'build', 'bench');
const require = createRequire(import.meta.url);

/** Plugin folders to scan: with one plugin, and with twenty. */
export const ONE_PLUGIN = join(buildDir, 'one');
export const TWENTY_PLUGINS = join(buildDir, 'many');

/** The plugin of ONE_PLUGIN. */
export const PLUGIN_ID = 'bench-0';
export const LIBRARY = join(ONE_PLUGIN, PLUGIN_ID, libraryFilename(PLUGIN_ID));

function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed\n${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`);
}

/** Builds what is out of date. @throws {Error} with the compiler's output */
export function buildNative() {
  requireToolchain();
  const headers = dirname(require.resolve('node-api-headers'));
  run('cmake', ['-S', join(import.meta.dirname, 'native'), '-B', buildDir, `-DNODE_API_HEADERS=${headers}`]);
  run('cmake', ['--build', buildDir, '--config', 'Release', '--parallel', '2']);
}

/** The Node-API addon: `echo(text)`, `echoAsync(text)`, `log(times, listen)`. */
export const loadAddon = () => require(join(buildDir, 'addon.node'));
