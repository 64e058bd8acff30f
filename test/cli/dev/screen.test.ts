import { expect, test } from '@jest/globals';
import { screenLines } from '../../../src/cli/dev/screen.js';
import { START, type DevState } from '../../../src/cli/dev/view.js';

const plain = { style: (_style: string, text: string): string => text };
const STATE: DevState = {
  ...START,
  activity: 'waiting for a change',
  plugin: 'weather 1.4.0',
  state: 'active',
  generation: 3,
  pid: 4711,
  tools: ['forecast', 'history'],
  error: ['plugin.c:3:5: expected expression'],
  call: 'forecast {}',
  answer: '{"celsius":21}',
  timing: '0.70 s after the change',
};

test('the screen has the state, the error, the answer, the log and the keys', () => {
  const lines = screenLines(STATE, ['log: one', 'log: two'], { columns: 80, rows: 14 }, plain);
  expect(lines.map((line) => line.trimEnd())).toEqual([
    'weather 1.4.0   active   generation 3   process 4711',
    'now        waiting for a change',
    'plugin.c:3:5: expected expression',
    'tools      forecast, history',
    'call       forecast {}',
    'answer     {"celsius":21}',
    'time       0.70 s after the change',
    '',
    'log: one',
    'log: two',
    '',
    '',
    '',
    'c: call again   b: build again   q: quit',
  ]);
});

test.each([
  [8, 20],
  [12, 40],
  [50, 200],
])('it has as many lines as there are rows, none too long, and the newest of the log (%d rows, %d columns)', (rows, columns) => {
  const log = Array.from({ length: 100 }, (_, index) => `log: ${index} ${'long '.repeat(60)}\x1b[2J`);
  const state = { ...STATE, answer: 'word '.repeat(500), error: Array.from({ length: 20 }, () => 'e'.repeat(300)) };
  const lines = screenLines(state, log, { columns, rows }, plain);
  expect(lines).toHaveLength(rows);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  expect(lines.join('')).not.toContain('\x1b');
  if (rows === 50) expect(lines.at(-2)).toContain('log: 99');
});
