import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CAPABILITY_KINDS, MAX_DESCRIPTION, MAX_NAME, MAX_NESTING, MAX_SPEC, MAX_STATE } from '../../src/abi/constants.js';
import { Status } from '../../src/abi/status.js';
import { ABI_VERSION } from '../../src/abi/version.js';
import { HOOK_NAMES } from '../../src/manifest/index.js';
import { projectRoot } from '../support/fixtures.js';
import { documents } from './blocks.js';

const read = (file: string): string => readFileSync(path.join(projectRoot, file), 'utf8');
const header = read('include/aisopod/plugin.h');
const abi = read('docs/abi.md');

/** The cells of every table row in Markdown, backticks taken off. */
const rowsOf = (markdown: string): string[][] =>
  markdown
    .split(/\r?\n/)
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim().replaceAll('`', '')));

/** `name → number` of the defines whose name begins so. */
function definesOf(prefix: string): Record<string, number> {
  const found = header.matchAll(new RegExp(`^#define (${prefix}\\w*) \\(?(-?\\d+)u?\\)?`, 'gm'));
  return Object.fromEntries([...found].map(([, name = '', value]) => [name, Number(value)]));
}

/** The same of the tables in docs/abi.md. */
function tableOf(names: RegExp): Record<string, number> {
  const rows = rowsOf(abi).filter(([name = '']) => names.test(name));
  return Object.fromEntries(rows.map(([name = '', value]) => [name, Number(value)]));
}

describe('docs/abi.md, the header and the sources agree', () => {
  test('on the ABI version', () => {
    expect(definesOf('AISOPOD_ABI_')).toEqual({ AISOPOD_ABI_VERSION: ABI_VERSION });
    expect(abi).toContain(`ABI version ${ABI_VERSION},`);
  });

  test('on every status', () => {
    const inSource = Object.fromEntries(
      Object.entries(Status).map(([name, value]) => [value > 0 ? `AISOPOD_${name}` : `AISOPOD_E_${name}`, value]),
    );
    expect(definesOf('AISOPOD_(?:OK|PENDING|E_)')).toEqual(inSource);
    expect(tableOf(/^AISOPOD_(OK|PENDING|E_)/)).toEqual(inSource);
  });

  test('on the kinds', () => {
    const numbers = Object.fromEntries(CAPABILITY_KINDS.map((kind, index) => [kind, index + 1]));
    expect(definesOf('AISOPOD_KIND_')).toEqual(
      Object.fromEntries(Object.entries(numbers).map(([kind, number]) => [`AISOPOD_KIND_${kind.toUpperCase()}`, number])),
    );
    expect(tableOf(/^(tool|command|hook|channel|provider)$/)).toEqual(numbers);
  });

  test('on the bounds', () => {
    const bounds = {
      AISOPOD_MAX_NAME: MAX_NAME,
      AISOPOD_MAX_DESCRIPTION: MAX_DESCRIPTION,
      AISOPOD_MAX_SPEC: MAX_SPEC,
      AISOPOD_MAX_NESTING: MAX_NESTING,
      AISOPOD_MAX_STATE: MAX_STATE,
    };
    expect(definesOf('AISOPOD_MAX_')).toEqual(bounds);
    expect(tableOf(/^AISOPOD_MAX_/)).toEqual(bounds);
  });

  test('on the rules: twenty, each with an example and what happens to a plugin that breaks it', () => {
    const rules = abi.split(/^### Rule /m).slice(1);
    const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
    expect(rules.map((text) => Number.parseInt(text, 10))).toEqual(numbers);
    expect([...header.matchAll(/^ \* {1,3}(\d+)\. /gm)].map(([, number]) => Number(number))).toEqual(numbers);
    expect(rules.filter((text) => !text.includes('```') || !text.includes('**Broken')).map((text) => text.split('\n')[0])).toEqual([]);
  });
});

test('docs/plugins.md names every hook', () => {
  const text = read('docs/plugins.md');
  expect(HOOK_NAMES.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

test('docs/dependencies.md has every dependency of the package, and no other', () => {
  const { dependencies, peerDependencies } = JSON.parse(read('package.json')) as Record<'dependencies' | 'peerDependencies', Record<string, string>>;
  // One table for those that npm installs, and one for those that are optional.
  const tables = read('docs/dependencies.md').split(/^Two packages are optional/m);
  const listed = tables.map((table) => rowsOf(table).slice(2).map(([name]) => name).sort());
  expect(listed).toEqual([Object.keys(dependencies).sort(), Object.keys(peerDependencies).sort()]);
});

test.each(documents())('%s links to files that exist', (file) => {
  // Not in code: a lambda in C++ looks like a link.
  const links = [...read(file).replace(/```[^]*?```/g, '').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, to = '']) => path.join(projectRoot, path.dirname(file), to));
  expect(links.filter((to) => !existsSync(to))).toEqual([]);
});
