import { expect, test } from '@jest/globals';
import { LinkedQueue } from '../../src/options/linked-queue.js';

const drain = (queue: LinkedQueue<number>): number[] => {
  const items: number[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
};

test('items come out in order, whichever were taken out of it: first, middle, last', () => {
  for (const gone of [[], [0], [2], [4], [0, 1], [3, 4], [1, 3], [0, 4, 2], [0, 1, 2, 3, 4]]) {
    const queue = new LinkedQueue<number>();
    const links = [0, 1, 2, 3, 4].map((item) => queue.push(item));
    for (const item of gone) expect(queue.remove(links[item]!)).toBe(true);
    for (const item of gone) expect(queue.remove(links[item]!)).toBe(false);
    queue.push(5);
    expect(queue.isEmpty).toBe(false);
    expect(drain(queue)).toEqual([0, 1, 2, 3, 4, 5].filter((item) => !gone.includes(item)));
    expect(queue.isEmpty).toBe(true);
  }
});

test('what has come out cannot be taken out any more', () => {
  const queue = new LinkedQueue<number>();
  const link = queue.push(1);
  expect(queue.shift()).toBe(1);
  expect(queue.remove(link)).toBe(false);
});
