import { Buffer } from 'node:buffer';
import type { Random } from '../random.js';

const DEPTH = 10_000;
const HUGE = 4 << 20;

/** Inputs that no schema allows, by the name of the check that sends them. */
export const HOSTILE_INPUTS: Readonly<Record<'empty' | 'not-json' | 'deep' | 'huge' | 'wrong-types', (names: readonly string[]) => readonly (Buffer | string)[]>> = {
  empty: () => ['', ' ', '\u0000'],
  'not-json': () => ['{', '}', '{"a":', '{"a":1,}', '[1 2]', '"open', '"\\u12"', 'nul', '+1', '1e999999', '{"a":1}}', Buffer.from([0xff, 0xfe, 0x80]), Buffer.from('"\xc3"', 'latin1'), Buffer.from('{"a":"\u0001\n"}')],
  deep: (names) => ['[', '{"a":'].map((open) => open.repeat(DEPTH) + '1' + (open === '[' ? ']' : '}').repeat(DEPTH)).flatMap((text) => [text, objectOf(names, text)]),
  huge: (names) => [objectOf(names, JSON.stringify('h'.repeat(HUGE))), objectOf(names, `[${'0,'.repeat(HUGE / 16)}0]`), JSON.stringify('\u0001'.repeat(HUGE / 16))],
  'wrong-types': (names) => [null, true, 0, -1, 1.5, 1e308, -1e308, 2 ** 53, '', 'text', '\u0000', '\ud800', [], [[]], {}, { a: 1 }].flatMap((value) => [JSON.stringify(value), objectOf(names, JSON.stringify(value))]),
};

/** An object whose members all have this value; the names are those of the schema. */
const objectOf = (names: readonly string[], value: string): string => `{${names.map((name) => `${JSON.stringify(name)}:${value}`).join(',')}}`;

const PIECES = ['"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', 'e9', '\u0000', '\xff', '\\u0000', 'null', '99999999999999999999', '"a":'];

/** The text with some of its bytes changed, cut, repeated or replaced. */
export function mutate(text: string, random: Random): Buffer {
  let bytes = Buffer.from(text);
  for (let change = 0; change <= random.below(4); change++) {
    const at = random.below(bytes.length + 1);
    const piece = Buffer.from(random.pick(PIECES), 'latin1');
    const rest = bytes.subarray(at + random.below(3));
    switch (random.below(4)) {
      case 0:
        bytes = bytes.subarray(0, at);
        break;
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), piece, rest]);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(at + 1))]);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([random.below(256)]), rest]);
    }
  }
  return bytes;
}
