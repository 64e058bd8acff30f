import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { childEnvironment } from '../../../src/isolation/supervisor/environment.js';

const IS_WINDOWS = true;
const saved = { ...process.env };
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.toUpperCase() === 'PATH') delete process.env[name];
  process.env.PATH = '/from/the/host';
});
afterEach(() => {
  process.env = { ...saved };
});

const paths = (isWindows: boolean): [string, string | undefined][] =>
  Object.entries(childEnvironment({ env: { Path: '/own' } }, isWindows)).filter(([name]) => name.toUpperCase() === 'PATH');

test('on Windows a variable of the options takes the place of an inherited one, whatever the case', () => {
  expect(paths(IS_WINDOWS)).toEqual([['Path', '/own']]);
});

test('elsewhere they are two variables', () => {
  expect(paths(!IS_WINDOWS)).toEqual([['PATH', '/from/the/host'], ['Path', '/own']]);
});
