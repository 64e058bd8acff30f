import { describe, expect, test } from '@jest/globals';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { defaultPluginDirs, expandHome, libraryFilename } from '../../src/scan/index.js';

test.each([
  ['linux', 'libweather.so'],
  ['freebsd', 'libweather.so'],
  ['android', 'libweather.so'],
  ['darwin', 'libweather.dylib'],
  ['win32', 'weather.dll'],
] as const)('on %s the library weather is %s', (platform, file) => {
  expect(libraryFilename('weather', platform)).toBe(file);
});

test('the platform is this one unless another is given', () => {
  expect(libraryFilename('weather')).toBe(libraryFilename('weather', process.platform));
});

describe('expandHome', () => {
  test.each([
    ['~', '/home/ann'],
    ['~/plugins', '/home/ann/plugins'],
    ['~/', '/home/ann/'],
    ['~bob', '~bob'],
    ['~bob/plugins', '~bob/plugins'],
    ['/a/~', '/a/~'],
    ['./~/x', './~/x'],
    ['', ''],
  ])('%j becomes %j', (path, expanded) => {
    expect(expandHome(path, '/home/ann').replaceAll('\\', '/')).toBe(expanded);
  });

  test('home is that of this user unless another is given', () => {
    expect(expandHome('~')).toBe(homedir());
  });
});

describe('defaultPluginDirs', () => {
  const own = join('/home/ann', '.aisopod', 'plugins');

  test.each([{}, { AISOPOD_PLUGIN_PATH: '' }, { AISOPOD_PLUGIN_PATH: delimiter }])('%j: the folder in home alone', (env) => {
    expect(defaultPluginDirs(env, '/home/ann')).toEqual([own]);
  });

  test('the folders of AISOPOD_PLUGIN_PATH come first, in their order', () => {
    const env = { AISOPOD_PLUGIN_PATH: ['', '/b', '', '~/a', '~bob', ''].join(delimiter) };
    expect(defaultPluginDirs(env, '/home/ann')).toEqual(['/b', join('/home/ann', 'a'), '~bob', own]);
  });

  test('those of AISOPOD_PLUGIN_PATHS come next', () => {
    const env = { AISOPOD_PLUGIN_PATH: '/a', AISOPOD_PLUGIN_PATHS: ['/c', '~/b'].join(delimiter) };
    expect(defaultPluginDirs(env, '/home/ann')).toEqual(['/a', '/c', join('/home/ann', 'b'), own]);
    expect(defaultPluginDirs({ AISOPOD_PLUGIN_PATHS: '/c' }, '/home/ann')).toEqual(['/c', own]);
  });

  test('environment and home are those of this process unless others are given', () => {
    expect(defaultPluginDirs().at(-1)).toBe(join(homedir(), '.aisopod', 'plugins'));
  });
});
