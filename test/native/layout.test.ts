import { describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CAPABILITY_KINDS, CapabilityFlag, Format, LOG_LEVELS, PluginFlag, TAGS } from '../../src/abi/constants.js';
import { MAX_DESCRIPTION, MAX_NAME, MAX_NESTING, MAX_SPEC, MAX_STATE } from '../../src/abi/constants.js';
import { LAYOUTS } from '../../src/abi/layouts.js';
import { Status } from '../../src/abi/status.js';
import { ABI_VERSION } from '../../src/abi/version.js';
import { run } from '../package/run.js';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';
import { build, configure, withCmake } from './cmake.js';
import { numbersInHeader, structsInHeader } from './header-text.js';

interface Struct {
  readonly size: number;
  readonly members: Record<string, { readonly offset: number; readonly type: string }>;
}
/** What was promised for ABI version 1: a change here is a new ABI version, an addition at the end is not. */
const PROMISED = JSON.parse(readFileSync(path.join(projectRoot, 'test/native/abi-layout.json'), 'utf8')) as Record<string, Struct>;

type Measured = Record<string, { size: number; members: Record<string, { offset: number; width: number }> }>;

const WIDTHS: Record<string, number> = { u32: 4, i32: 4, u64: 8, size: 8, pointer: 8, function: 8 };

/** A program that prints what the compiler makes of each struct in the table, as JSON; valid as C and as C++. */
function program(): string {
  const structs = Object.entries(PROMISED).map(([name, { members }]) => {
    const rows = Object.keys(members).map(
      (member) => `  MEMBER(${name}, ${member}); printf("${member === Object.keys(members).at(-1) ? '' : ','}");`,
    );
    return [`  printf("\\"${name}\\":{\\"size\\":%u,\\"members\\":{", (unsigned)sizeof(${name}));`, ...rows, '  printf("}}");'];
  });
  return [
    '#include <aisopod/plugin.h>',
    '#include <stdio.h>',
    '#define MEMBER(type, name) printf("\\"%s\\":{\\"offset\\":%u,\\"width\\":%u}", #name, \\',
    '  (unsigned)offsetof(type, name), (unsigned)sizeof(((type *)0)->name))',
    'int main(void) {',
    '  printf("{");',
    structs.map((lines) => lines.join('\n')).join('\n  printf(",");\n'),
    '  printf("}\\n");',
    '  return 0;',
    '}',
    '',
  ].join('\n');
}

const CMAKE = `cmake_minimum_required(VERSION 3.16...4.0)
project(layout LANGUAGES C CXX)
find_package(aisopod-plugin CONFIG REQUIRED)
foreach(language c cpp)
  add_executable(layout_\${language} layout.\${language})
  target_link_libraries(layout_\${language} PRIVATE aisopod::plugin)
  set_target_properties(layout_\${language} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "\${CMAKE_BINARY_DIR}$<0:>")
endforeach()
`;

function measure(): Record<'c' | 'cpp', Measured> {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'CMakeLists.txt'), CMAKE);
  for (const language of ['c', 'cpp']) writeFileSync(path.join(folder, `layout.${language}`), program());
  const built = configure(folder);
  build(built);
  const measured = (language: string): Measured => JSON.parse(run(path.join(built, `layout_${language}`), [], folder)) as Measured;
  return { c: measured('c'), cpp: measured('cpp') };
}

describe('the layout of ABI version 1', () => {
  test('lists every struct and member of the header, in order', () => {
    const listed = Object.entries(PROMISED).map(([name, { members }]) => [
      name,
      Object.entries(members).map(([member, { type }]) => [member, type]),
    ]);
    expect(listed).toEqual(Object.entries(structsInHeader()).map(([name, members]) => [name, Object.entries(members)]));
  });

  withCmake('is what the compiler makes of it, in C and in C++', () => {
    const promised = Object.entries(PROMISED).map(([name, { size, members }]) => [
      name,
      {
        size,
        members: Object.fromEntries(
          Object.entries(members).map(([member, { offset, type }]) => [member, { offset, width: WIDTHS[type] }]),
        ),
      },
    ]);
    const { c, cpp } = measure();
    expect(c).toEqual(Object.fromEntries(promised));
    expect(cpp).toEqual(c);
  });

  test('is what TypeScript reads and writes', () => {
    expect(LAYOUTS).toEqual(PROMISED);
  });

  test('has no padding but named reserved members, and sizes that are multiples of 8', () => {
    for (const [name, { size, members }] of Object.entries(PROMISED)) {
      let end = 0;
      for (const [member, { offset, type }] of Object.entries(members)) {
        expect(`${name}.${member} at ${offset}`).toBe(`${name}.${member} at ${end}`);
        end = offset + (WIDTHS[type] ?? 0);
      }
      expect(`${name} of ${size} bytes`).toBe(`${name} of ${end} bytes`);
      expect(size % 8).toBe(0);
    }
  });
});

describe('the numbers of the header', () => {
  const numbered = (words: readonly string[], first: number): Record<string, number> =>
    Object.fromEntries(words.map((word, i) => [word.toUpperCase(), i + first]));

  test('are the ones that TypeScript uses', () => {
    const { OK, PENDING, ...failures } = Status;
    expect(numbersInHeader('AISOPOD_ABI_')).toEqual({ VERSION: ABI_VERSION });
    expect(numbersInHeader('AISOPOD_(?=OK|PENDING)')).toEqual({ OK, PENDING });
    expect(numbersInHeader('AISOPOD_E_')).toEqual(failures);
    expect(numbersInHeader('AISOPOD_KIND_')).toEqual(numbered(CAPABILITY_KINDS, 1));
    expect(numbersInHeader('AISOPOD_TAG_')).toEqual(numbered(TAGS, 0));
    expect(numbersInHeader('AISOPOD_LOG_')).toEqual(numbered(LOG_LEVELS, 1));
    expect(numbersInHeader('AISOPOD_FORMAT_')).toEqual(Format);
    expect(numbersInHeader('AISOPOD_PLUGIN_')).toEqual(PluginFlag);
    expect(numbersInHeader('AISOPOD_CAPABILITY_')).toEqual(CapabilityFlag);
    expect(numbersInHeader('AISOPOD_MAX_')).toEqual({
      NAME: MAX_NAME,
      DESCRIPTION: MAX_DESCRIPTION,
      SPEC: MAX_SPEC,
      NESTING: MAX_NESTING,
      STATE: MAX_STATE,
    });
  });
});
