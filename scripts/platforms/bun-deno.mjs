/**
 * Bun and Deno as hosts, from nothing: `node scripts/platforms/bun-deno.mjs`. Installs both by npm outside this checkout, runs the
 * consumers of the packed package on them, and then test/isolation/supervisor/other-runtimes.test.ts.
 */
import { join } from 'node:path';
import { consumerEnv, pack, project, requireAnswers } from './packed.mjs';
import { runChecks, runSuites, saveResults } from './results.mjs';
import { HERE, ROOT, npmInstall, run } from './steps.mjs';

const installed = npmInstall('bun-deno', ['bun', 'deno']);
const inModules = (path) => join(installed, 'node_modules', path);
const RUNTIMES = [
  { name: 'Bun', program: inModules('bun/bin/bun.exe'), args: [], variable: 'AISOPOD_TEST_BUN' },
  { name: 'Deno', program: inModules('deno/deno'), args: ['run', '-A'], variable: 'AISOPOD_TEST_DENO' },
];

const tarball = await pack();
const rows = [];
for (const { name, program, args, variable } of RUNTIMES) {
  const version = run(program, ['--version']).match(/\d+\.\d+\.\d+/)?.[0];
  const runtime = `${name} ${version}, children on Node ${process.versions.node}`;
  const folder = project(tarball);
  const env = { ...consumerEnv(folder), AISOPOD_PLUGIN_NODE: process.execPath };
  rows.push(
    runChecks(runtime, 'consumers of the packed package', {
      'an ES module': () => requireAnswers(program, [...args, 'host-program.mjs'], folder, env),
      CommonJS: () => requireAnswers(program, [...args, 'host-program.cjs'], folder, env),
      TypeScript: () => requireAnswers(program, [...args, 'typescript/host.mts'], folder, env),
    }),
  );
  const about = { runtime, node: process.execPath, folder: ROOT, env: { [variable]: program }, pattern: `a host on ${name} ` };
  rows.push(...runSuites(['isolation/supervisor/other-runtimes.test.ts'], about));
}
saveResults({ id: 'bun-deno', platform: `${HERE}: Bun and Deno as hosts`, how: '`node scripts/platforms/bun-deno.mjs`: the npm packages bun and deno' }, rows);
