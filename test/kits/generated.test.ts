/** The generated parts of the kits: up to date, and with the types of the header. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { structsInHeader, abiText } from '../native/header-text.js';
import { projectRoot } from '../support/fixtures.js';

const load = (file: string): Promise<unknown> => import(pathToFileURL(path.join(projectRoot, 'scripts/kits', file)).href);
const { KIT_FILES } = (await load('files.mjs')) as { KIT_FILES: Record<string, () => string> };

test.each(Object.keys(KIT_FILES))('%s is what scripts/kits.mjs writes', (file) => {
  expect(readFileSync(path.join(projectRoot, file), 'utf8').replaceAll('\r\n', '\n')).toBe(KIT_FILES[file]?.());
});

type Signature = readonly [parameters: readonly (readonly [name: string, type: string])[], result?: string];
type Table<T> = Record<string, Record<string, T>>;

/** `const aisopod_host *` is `const Host*`. */
function typeOf(text: string): string {
  const scalars: Record<string, string> = { uint32_t: 'u32', int32_t: 'i32', uint64_t: 'u64' };
  const words = text.replaceAll('*', ' * ').trim().split(/\s+/);
  return words
    .map((word) => scalars[word] ?? word.replace(/^aisopod_(\w)/, (_, first: string) => first.toUpperCase()))
    .join(' ')
    .replace(/ \*/g, '*');
}

/** The name and the type of `const char *name`. */
function declared(text: string): [name: string, type: string] {
  const [, type = '', name = ''] = /^([^]*?)(\w+)$/.exec(text.trim()) ?? [];
  return [name, typeOf(type)];
}

function signatureOf(declaration: string): [name: string, Signature] {
  const [, result = '', name = '', parameters = ''] = /^\s*([^(]*)\(\*(\w+)\)\(([^)]*)\)/.exec(declaration) ?? [];
  const list = parameters.split(',').map(declared);
  return [name, result.trim() === 'void' ? [list] : [list, typeOf(result)]];
}

function inHeader(): { readonly pointers: Table<string>; readonly functions: Table<Signature> } {
  const pointers: Table<string> = {};
  const functions: Table<Signature> = {};
  for (const struct of Object.keys(structsInHeader())) {
    const [, body = ''] = new RegExp(`^struct ${struct} \\{([^}]*)\\};`, 'm').exec(abiText.replace(/\/\*[^]*?\*\//g, ' ')) ?? [];
    for (const declaration of body.split(';').filter((text) => text.includes('*'))) {
      const isFunction = declaration.includes('(*');
      const [name, type] = isFunction ? signatureOf(declaration) : declared(declaration);
      if (isFunction) (functions[struct] ??= {})[name] = type as Signature;
      else (pointers[struct] ??= {})[name] = type as string;
    }
  }
  return { pointers, functions };
}

describe('the types of pointers and functions are those of the header', () => {
  test('in scripts/kits/signatures.mjs', async () => {
    const { POINTERS, FUNCTIONS } = (await load('signatures.mjs')) as { POINTERS: Table<string>; FUNCTIONS: Table<Signature> };
    expect({ pointers: POINTERS, functions: FUNCTIONS }).toEqual(inHeader());
  });
});
