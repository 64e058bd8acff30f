import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseManifest } from '../../src/manifest/index.js';
import { projectRoot } from '../support/fixtures.js';
import { blocksOf, documents, placeOf, type Block } from './blocks.js';
import { withCmake } from '../native/cmake.js';
import { buildBlocks, runNative } from './native.js';
import { followProject } from './project.js';
import { checkCommands } from './shell.js';
import { folderForPrograms, programsIn, runProgram, typeErrors } from './typescript.js';

const all = documents().flatMap(blocksOf);
const skipped = all.filter(({ tags }) => tags.skip !== undefined);
const excerpts = all.filter(({ tags }) => tags.from !== undefined);
const inProjects = all.filter(({ tags }) => tags.project !== undefined);
const others = all.filter((block) => ![skipped, excerpts, inProjects].some((list) => list.includes(block)));
const of = (...languages: string[]): Block[] => others.filter(({ language }) => languages.includes(language));
const named = (blocks: readonly Block[]): [string, Block][] => blocks.map((block) => [placeOf(block), block]);

/** Where one kind has no blocks at all, there is nothing to name a test after. */
function eachOf(title: string, blocks: readonly Block[], run: (block: Block) => void | Promise<void>, testOne: typeof withCmake = test): void {
  for (const [place, block] of named(blocks)) testOne(`${place}: ${title}`, () => run(block));
}

test('there are documents, and each of their blocks is of a kind that can be run, or says why not', () => {
  expect(documents()).toEqual(expect.arrayContaining(['README.md', 'docs/abi.md', 'docs/plugins.md']));
  const known = of('ts', 'js', 'mjs', 'c', 'cpp', 'toml', 'json', 'sh').concat(others.filter(({ tags }) => tags.output !== undefined));
  expect(others.filter((block) => !known.includes(block)).map(placeOf)).toEqual([]);
});

for (const [place, { tags }] of named(skipped)) {
  test(`${place}: is not run: ${tags.skip}`, () => {
    expect(tags.skip).not.toBe('');
  });
}

eachOf('stands in the file that it is from', excerpts, ({ text, tags }) => {
  const whole = readFileSync(path.join(projectRoot, tags.from ?? ''), 'utf8').replaceAll('\r\n', '\n');
  expect(whole).toContain(text.trim());
});

eachOf('is a manifest', of('toml'), ({ text, tags }) => {
  if (tags.expect === undefined) parseManifest(text);
  else expect(() => parseManifest(text)).toThrow(expect.objectContaining({ code: tags.expect }));
});

eachOf('is JSON', of('json'), ({ text }) => {
  expect(JSON.parse(text)).toBeDefined();
});

eachOf('holds commands of the project', of('sh'), checkCommands);

const programs = programsIn(others);

test('the programs pass the type checker', () => {
  expect(typeErrors(programs).flat()).toEqual([]);
});

for (const program of programs) {
  test(`${placeOf(program.first)}: runs`, () => {
    const printed = runProgram(program, folderForPrograms());
    if (program.output !== undefined) expect(printed.trim()).toBe(program.output.trim());
  });
}

describe('native code', () => {
  const native = of('c', 'cpp');
  let folderOf: (block: Block) => string;
  beforeAll(() => {
    folderOf = buildBlocks(native);
  });

  eachOf('is built, loaded and called', native, (block) => runNative(block, folderOf(block)), withCmake);
});

describe('projects', () => {
  const names = new Set(inProjects.map(({ file, tags }) => `${file} ${tags.project}`));
  // Each builds a plugin.
  for (const name of names) {
    withCmake(`${name} works when followed step by step`, () => {
      followProject(inProjects.filter(({ file, tags }) => `${file} ${tags.project}` === name));
    });
  }
});
