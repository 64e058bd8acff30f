import { beforeAll, describe, expect } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readLibraryFile } from '../../src/triage/read-library.js';
import { run } from '../package/run.js';
import { isZig, libraryFileName, projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';
import { isMusl } from '../support/libc.js';
import { build, configure, isInstalled, withCmake } from './cmake.js';

const { version } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as { version: string };
const [major, minor] = version.split('.');

const CMAKE = `cmake_minimum_required(VERSION 3.16...4.0)
project(outside LANGUAGES C)
find_package(aisopod-plugin ${major}.${minor} CONFIG REQUIRED)
aisopod_add_plugin(weather SOURCES weather.c MANIFEST aisopod.plugin.toml FILES data/cities.txt OUTPUT_DIR plugins/weather)
aisopod_add_plugin(plain SOURCES weather.c)
`;

const SOURCE = `#include <aisopod/plugin.h>
AISOPOD_DEFINE_ABI();
int not_exported(void);
int not_exported(void) { return 1; }
AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return not_exported() ? NULL : NULL; }
`;

function project(cmake = CMAKE, source = SOURCE): string {
  const folder = temporaryFolder();
  run('cmake', ['-E', 'make_directory', 'data'], folder);
  writeFileSync(path.join(folder, 'CMakeLists.txt'), cmake);
  writeFileSync(path.join(folder, 'weather.c'), source);
  writeFileSync(path.join(folder, 'aisopod.plugin.toml'), '# first\n');
  writeFileSync(path.join(folder, 'data/cities.txt'), 'Oslo\n');
  return folder;
}

const GENERATORS = [
  { name: 'the default generator', options: ['-DCMAKE_BUILD_TYPE=Debug'], test: withCmake },
  { name: 'Ninja Multi-Config', options: ['-G', 'Ninja Multi-Config'], test: testWhere(isInstalled('ninja'), 'ninja is not installed') },
];

/** What strays into the folder on Windows beside the library, for a debugger. */
const forDebuggers = (file: string): boolean => /\.(pdb|ilk)$/.test(file);

for (const { name, options, test } of GENERATORS) {
  test(
    `a plugin outside the repository builds to a folder that the host loads as it is (${name})`,
    async () => {
      const folder = project();
      const built = configure(folder, options);
      const plugin = path.join(built, 'plugins/weather');
      for (const config of ['Debug', 'Release']) {
        build(built, config);
        const files = readdirSync(plugin).filter((file) => !forDebuggers(file));
        expect(files.sort()).toEqual(['aisopod.plugin.toml', 'cities.txt', libraryFileName('weather')].sort());
      }
      const facts = await readLibraryFile(path.join(plugin, libraryFileName('weather')), process.arch);
      expect(facts.exports).toEqual(expect.arrayContaining(['aisopod_plugin_abi_version', 'aisopod_plugin_create']));
      expect(facts.exports).not.toContain('not_exported');
    },
  );
}

describe('aisopod_add_plugin', () => {
  let folder: string;
  let built: string;
  beforeAll(() => {
    folder = project();
    built = configure(folder);
    build(built);
  });

  withCmake('puts a plugin without OUTPUT_DIR into a folder of its name', () => {
    expect(readdirSync(path.join(built, 'plain')).filter((file) => !forDebuggers(file))).toEqual([libraryFileName('plain')]);
  });

  withCmake('copies the manifest again when it changes', () => {
    writeFileSync(path.join(folder, 'aisopod.plugin.toml'), '# second\n');
    build(built);
    expect(readFileSync(path.join(built, 'plugins/weather/aisopod.plugin.toml'), 'utf8')).toBe('# second\n');
  });

  withCmake('fails the link on an undefined symbol', () => {
    const broken = project(CMAKE, SOURCE.replace('int not_exported(void) { return 1; }', ''));
    const folderOfBroken = configure(broken);
    expect(() => { build(folderOfBroken); }).toThrow('not_exported');
  });

  for (const [message, call] of [
    ['SOURCES is missing', 'aisopod_add_plugin(weather MANIFEST aisopod.plugin.toml)'],
    ['unknown arguments: weather.c', 'aisopod_add_plugin(weather weather.c SOURCES weather.c)'],
  ] as const) {
    withCmake(`says what is wrong with its arguments: ${message}`, () => {
      expect(() => configure(project(`${CMAKE.split('\n').slice(0, 3).join('\n')}\n${call}\n`))).toThrow(message);
    });
  }
});

const CPP = `cmake_minimum_required(VERSION 3.16...4.0)
project(outside LANGUAGES CXX)
find_package(aisopod-plugin ${major}.${minor} CONFIG REQUIRED)
aisopod_add_plugin(weather SOURCES weather.cpp OUTPUT_DIR plugins/weather)
`;
const CPP_SOURCE = `#include <aisopod/plugin.h>\nAISOPOD_DEFINE_ABI();\n#include <string>\n#include <stdexcept>\nvoid fail(const char *why) { throw std::runtime_error(std::string(why)); }\nAISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return nullptr; }\n`;

describe('the C++ library of a plugin', () => {
  const onLinux = testWhere(process.platform === 'linux' && isInstalled('c++'), 'needs a C++ compiler on Linux');

  const needsOf = async (options: readonly string[] = []): Promise<readonly string[]> => {
    const folder = project(CPP);
    writeFileSync(path.join(folder, 'weather.cpp'), CPP_SOURCE);
    const built = configure(folder, options);
    build(built);
    return (await readLibraryFile(path.join(built, 'plugins/weather', libraryFileName('weather')), process.arch)).needed;
  };

  onLinux('is its own', async () => {
    expect(await needsOf()).not.toContainEqual(expect.stringMatching(/^libstdc\+\+/));
  });

  const usually = testWhere(process.platform === 'linux' && isInstalled('c++') && !isZig, isZig ? 'Zig: it has a C++ library of its own' : 'needs a C++ compiler on Linux');
  usually('is that of the system where the linker cannot hide it', async () => {
    const compiler = path.join(temporaryFolder(), 'c++');
    writeFileSync(compiler, `#!/bin/sh\ncase "$*" in *--exclude-libs*) echo 'unsupported linker arg: --exclude-libs' >&2; exit 1;; esac\nexec c++ "$@"\n`, { mode: 0o755 });
    expect(await needsOf([`-DCMAKE_CXX_COMPILER=${compiler}`])).toContain('libstdc++.so.6');
  });
});

describe('aisopod_platform', () => {
  const platformWith = (...options: string[]): string => {
    const folder = project(`${CPP.split('\n').slice(0, 3).join('\n').replace('CXX', 'C')}\naisopod_platform(platform)\nmessage(STATUS "platform=<${'${platform}'}>")\n`);
    const output = run('cmake', ['-S', folder, '-B', path.join(folder, 'build'), `-Daisopod-plugin_DIR=${path.join(projectRoot, 'cmake')}`, ...options], folder);
    return /platform=<(.*)>/.exec(output)?.[1] ?? output;
  };
  const onLinux = testWhere(process.platform === 'linux', 'only Linux has two C libraries');
  const libc = isMusl ? '-musl' : '';

  withCmake('is the name of the folder that a host looks into first', () => {
    expect(platformWith()).toBe(`${process.platform}-${process.arch}${libc}`);
  });

  onLinux('says so where the compiler builds for musl', () => {
    const compiler = path.join(temporaryFolder(), 'cc');
    writeFileSync(compiler, '#!/bin/sh\n[ "$1" = -dumpmachine ] && exec echo x86_64-alpine-linux-musl\nexec cc "$@"\n', { mode: 0o755 });
    expect(platformWith(`-DCMAKE_C_COMPILER=${compiler}`)).toBe(`linux-${process.arch}-musl`);
  });
});

withCmake('find_package also finds the package by CMAKE_PREFIX_PATH', () => {
  const folder = project();
  run('cmake', ['-S', '.', '-B', 'build', `-DCMAKE_PREFIX_PATH=${projectRoot}`], folder);
});

withCmake('find_package refuses a version that this package is not', () => {
  for (const other of [`${major}.999`, `${Number(major) + 1}.0`]) {
    const asking = project(CMAKE.replace(`aisopod-plugin ${major}.${minor} `, `aisopod-plugin ${other} `));
    expect(() => configure(asking)).toThrow(`requested version "${other}"`);
  }
});
