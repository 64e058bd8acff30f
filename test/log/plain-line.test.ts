import { expect, test } from '@jest/globals';
import { plainLine } from '../../src/log/plain-line.js';

test.each([
  ['a line', 'a line'],
  ['its end\n', 'its end'],
  ['its end\r\n', 'its end'],
  ['two\n\n', 'two\\n'],
  ['a\nb\rc\r\nd', 'a\\nb\\rc\\r\\nd'],
  ['\u001b[2J\u0007\0', '\\u001b[2J\\u0007\\u0000'],
  ['\u009b2J\u0085\u2028\u2029\u202e\u2066\u007f', '\\u009b2J\\u0085\\u2028\\u2029\\u202e\\u2066\\u007f'],
  ['\ttabs, ü, 漢字, 😀, עברית\u200f', '\ttabs, ü, 漢字, 😀, עברית\u200f'],
  ['', ''],
])('%j is %j', (text, line) => {
  expect(plainLine(text)).toBe(line);
});
