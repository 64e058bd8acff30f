import { describe, expect, test } from '@jest/globals';
import { functionsInHeader, headerText, structsInHeader } from './header-text.js';

const RULES = 20;

/** The text of each rule, from the list at the top of the header. */
function rules(): Map<number, string> {
  const list = headerText.slice(0, headerText.indexOf('#ifndef'));
  const parts = list.split(/^ \* {2,3}(\d+)\. /m).slice(1);
  const found = new Map<number, string>();
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const number = Number(parts[i]);
    if (found.has(number)) throw new Error(`rule ${number} stands in the header twice`);
    found.set(number, parts[i + 1] ?? '');
  }
  return found;
}

describe('the header', () => {
  const functions = functionsInHeader();

  test('has as many function members as its structs say, and three exported functions', () => {
    const inStructs = Object.values(structsInHeader()).flatMap((members) => Object.values(members));
    const count = inStructs.filter((type) => type === 'function').length;
    expect(functions).toHaveLength(count + 3);
  });

  test.each(functions)('says of $name on which thread it comes and who owns what', ({ comment }) => {
    expect(comment).toMatch(/\bThread: +\S/);
    expect(comment).toMatch(/\bOwner: +\S/);
  });

  test('has each rule once, in order', () => {
    expect([...rules().keys()]).toEqual(Array.from({ length: RULES }, (_, i) => i + 1));
  });

  test.each([...rules()])('says of rule %i what happens to a plugin that breaks it', (_number, text) => {
    expect(text).toMatch(/\bBroken\b[^:]*: +\S/);
  });

  test('mentions no rule that it does not have', () => {
    const mentioned = Array.from(headerText.matchAll(/\brules? (\d+)(?:(?:, | to | and )(\d+))?/g), ([, a, b]) => [a, b]);
    const numbers = mentioned.flat().flatMap((word) => (word === undefined ? [] : [Number(word)]));
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.filter((number) => number < 1 || number > RULES)).toEqual([]);
  });
});
