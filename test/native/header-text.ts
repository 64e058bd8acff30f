import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../support/fixtures.js';

export const includeDir = path.join(projectRoot, 'include');
export const headerText = readFileSync(path.join(includeDir, 'aisopod/plugin.h'), 'utf8').replaceAll('\r\n', '\n');

/** The part that is ABI: the helpers after it only save a plugin some lines. */
export const abiText = headerText.slice(0, headerText.indexOf('/* Helpers:'));

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, ' ');

function memberType(declaration: string): string {
  if (declaration.includes('(*')) return 'function';
  if (declaration.includes('*')) return 'pointer';
  const word = /^\s*(uint32_t|int32_t|uint64_t|size_t)\s/.exec(declaration)?.[1];
  const types: Record<string, string> = { uint32_t: 'u32', int32_t: 'i32', uint64_t: 'u64', size_t: 'size' };
  if (word === undefined) throw new Error(`cannot tell the type of "${declaration.trim()}"`);
  return types[word] ?? '';
}

function memberName(declaration: string): string {
  const name = /\(\*(\w+)\)/.exec(declaration)?.[1] ?? /(\w+)\s*$/.exec(declaration)?.[1];
  if (name === undefined) throw new Error(`cannot tell the name of "${declaration.trim()}"`);
  return name;
}

function members(body: string): Record<string, string> {
  const declarations = body.split(';').filter((declaration) => declaration.trim() !== '');
  return Object.fromEntries(declarations.map((declaration) => [memberName(declaration), memberType(declaration)]));
}

/** Each struct of the ABI with the types of its members, in the header's order. */
export function structsInHeader(): Record<string, Record<string, string>> {
  const bodies = withoutComments(abiText).matchAll(/^struct (\w+) \{([^}]*)\};/gm);
  return Object.fromEntries(Array.from(bodies, ([, name = '', body = '']) => [name, members(body)]));
}

/** The whole numbers that are #defined with this prefix, by the rest of their name. */
export function numbersInHeader(prefix: string): Record<string, number> {
  const defines = headerText.matchAll(new RegExp(`^#define ${prefix}(\\w+) \\(?(-?\\d+)u?\\)?`, 'gm'));
  return Object.fromEntries(Array.from(defines, ([, name = '', value]) => [name, Number(value)]));
}

/** Each function member and exported function, with the comment right before it; '' where there is none. */
export function functionsInHeader(): { name: string; comment: string }[] {
  const member = String.raw`^ {2}[^\n]*\(\*(\w+)\)\([^;]*\);`;
  const exported = String.raw`^AISOPOD_EXPORT [^(;]*?(\w+)\(`;
  return Array.from(abiText.matchAll(new RegExp(`${member}|${exported}`, 'gm')), (match) => ({
    name: match[1] ?? match[2] ?? '',
    comment: /\/\*(?:(?!\*\/)[\s\S])*\*\/\s*$/.exec(abiText.slice(0, match.index))?.[0] ?? '',
  }));
}

/** The functions of `aisopod_host`: what each returns, and the types that it takes after the context. */
export function hostFunctionsInHeader(): Record<string, { returns: string; takes: string[] }> {
  const body = /^struct aisopod_host \{([^}]*)\};/m.exec(withoutComments(abiText))?.[1] ?? '';
  const functions = body.matchAll(/(?:const )?(\w+) \*?\(\*(\w+)\)\(void \*context, ([^)]*)\);/g);
  const typeOf = (parameter: string): string => /(\w+) \*\w+$/.exec(parameter)?.[1] ?? parameter;
  return Object.fromEntries(Array.from(functions, ([, returns = '', name = '', rest = '']) => [name, { returns, takes: rest.split(', ').map(typeOf) }]));
}
