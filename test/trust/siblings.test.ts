import { expect } from '@jest/globals';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lockPlugins, writeLock } from '../../src/trust/index.js';
import { temporaryFolder, testWhere } from '../support/fixtures.js';
import { PLUGIN_SOURCE, compile, findCompiler } from '../triage/compile.js';
import { startProcess } from './host-process.js';
import { makePlugin } from './plugin.js';

const compiler = findCompiler('cc', 'gcc', 'clang') ?? '';
const withCompiler = testWhere(process.platform === 'linux' && compiler !== '', 'only Linux with a C compiler, for /proc and $ORIGIN');

withCompiler('a library that the plugin ships and finds by $ORIGIN is verified, copied and opened from the copy', async () => {
  const pluginDir = temporaryFolder();
  const candidate = await makePlugin(pluginDir);
  const depth = path.join(candidate.path, 'deep');
  mkdirSync(depth);
  const sibling = compile(compiler, 'int answer(void) { return 42; }', path.join(depth, 'libsibling.so'), ['-fvisibility=default', '-Wl,-soname,libsibling.so']);
  const source = `${PLUGIN_SOURCE}\nint answer(void);\n__attribute__((constructor)) static void ask(void) { (void)answer(); }\n`;
  const flags = [sibling, '-Wl,-rpath,$ORIGIN/deep', '-Wl,--enable-new-dtags'];
  compile(compiler, source, path.join(candidate.path, 'libweather.so'), flags);
  const lockFile = path.join(pluginDir, 'aisopod-plugins.lock');
  await writeLock(lockFile, await lockPlugins([candidate]));

  const copyDir = temporaryFolder();
  const load = async (): Promise<{ code: string; found: string; mapped: string[] }> => {
    const host = startProcess(`
      const options = { hostVersion: '1.0.0', pluginDirs: [${JSON.stringify(pluginDir)}], trust: { locked: 'require', copyDir: ${JSON.stringify(copyDir)} } };
      const loader = new DynamicPluginLoader(options);
      const { candidates: [candidate] } = await loader.discover();
      const { code, found } = await loader.loadPlugin(candidate).catch((error) => error);
      const maps = require('node:fs').readFileSync('/proc/self/maps', 'utf8');
      say({ code, found, mapped: [...new Set(maps.match(/\\S*lib(?:sibling|weather)\\.so/g) ?? [])] });
    `);
    return host.next();
  };
  const loaded = await load();
  // Its create returns NULL: it was opened, and the sibling with it.
  expect(loaded.code).toBe('ERR_CREATE_FAILED');
  expect(loaded.mapped).toHaveLength(2);
  for (const file of loaded.mapped) expect(file.startsWith(copyDir)).toBe(true);

  rmSync(sibling);
  writeFileSync(sibling, 'something else');
  expect(await load()).toMatchObject({ code: 'ERR_LOCK_MISMATCH', found: 'deep/libsibling.so was changed', mapped: [] });
});
