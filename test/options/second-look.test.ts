/** A side that sleeps looks by itself after a while: for wake-ups that were lost. */
import { expect, test } from '@jest/globals';
import { SecondLook } from '../../src/options/second-look.js';
import { pause, until } from '../support/host.js';

function watched() {
  const state = { isWaiting: true, progress: 0, problem: undefined as string | undefined, asked: 0, recovered: 0, lost: [] as string[] };
  const look = new SecondLook({
    isWaiting: () => state.isWaiting,
    progress: () => state.progress,
    problem: () => {
      state.asked++;
      return state.problem;
    },
    recover: () => {
      state.recovered++;
      state.problem = undefined;
    },
    onLost: (problem) => void state.lost.push(problem),
  });
  return { state, look };
}

test('what still looks like a lost wake-up at a second look is made up for, and reported once', async () => {
  const { state, look } = watched();
  state.problem = 'it slept';
  look.begin();
  look.begin();
  await until(() => state.lost.length > 0);
  expect(state).toMatchObject({ asked: 2, recovered: 1, lost: ['it slept'] });
  await until(() => state.recovered > 1); // as long as it waits
  look.end();
  expect(state.lost).toEqual(['it slept']);
});

test('there is one look at a time, though making up for a wake-up begins to wait again', async () => {
  const recoveredAt: number[] = [];
  const look: SecondLook = new SecondLook({
    isWaiting: () => true,
    progress: () => 0,
    problem: () => undefined,
    recover: () => {
      recoveredAt.push(performance.now());
      look.begin();
    },
    onLost: () => undefined,
  });
  look.begin();
  await until(() => recoveredAt.length >= 4);
  look.end();
  const pauses = recoveredAt.slice(1).map((at, i) => at - recoveredAt[i]!);
  expect(pauses.filter((ms) => ms < 900)).toEqual([]); // a timer is late on a busy machine, never early
});

test('what is over at the second look was no lost wake-up', async () => {
  const { state, look } = watched();
  state.problem = 'it slept';
  look.begin();
  await until(() => state.asked > 0);
  state.problem = undefined;
  state.progress++;
  await until(() => state.recovered > 0);
  look.end();
  expect(state.lost).toEqual([]);
});

test('nobody looks while something comes, or when nothing is to come', async () => {
  const { state, look } = watched();
  state.problem = 'it slept';
  const busy = setInterval(() => state.progress++, 1);
  look.begin();
  await pause(1500);
  clearInterval(busy);
  state.isWaiting = false;
  await pause(1500);
  look.end();
  expect(state).toMatchObject({ asked: 0, recovered: 0 });
});
