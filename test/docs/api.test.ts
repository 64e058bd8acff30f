import { expect } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { projectRoot, testWhere } from '../support/fixtures.js';

const resolve = createRequire(path.join(projectRoot, 'package.json')).resolve;
const isInstalled = ((): boolean => {
  try {
    return resolve('typedoc') !== '';
  } catch {
    return false;
  }
})();

testWhere(isInstalled, 'typedoc')('the reference of the API is made from the docstrings without a warning', () => {
  const program = path.join(path.dirname(resolve('typedoc')), '../bin/typedoc');
  // `npm run typecheck` checks types. Links to sources need a checkout with a remote of the name origin, which a copy or an archive is not.
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--disableSources', '--skipErrorChecking', '--emit', 'none'], { cwd: projectRoot, encoding: 'utf8' });
  expect({ status, printed: `${stdout}${stderr}` }).toEqual({ status: 0, printed: expect.not.stringMatching(/warning|error/i) });
});
