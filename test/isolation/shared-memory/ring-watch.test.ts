/** When the host looks for answers, with real memory that the test writes as a child would that loses a wake-up. */
import { afterEach, expect } from '@jest/globals';
import { RingWatch } from '../../../src/isolation/wire/shared-memory/ring-watch.js';
import { W } from '../../../src/isolation/wire/slot-layout.js';
import { testWhere } from '../../support/fixtures.js';
import { pause, until } from '../../support/host.js';
import { canShare, openRing } from './memory.js';

const test = testWhere(canShare, 'memory is shared on Linux, x64 and arm64');

let watch: RingWatch | undefined;
afterEach(() => watch?.close());

function open() {
  const { ring, child, answers, publish } = openRing();
  const lost: string[] = [];
  const opened = (watch = new RingWatch(ring, { mayHelp: () => false, onStall: () => undefined, onLostWakeUp: (problem) => void lost.push(problem) }));
  const send = async (): Promise<number> => {
    const slot = publish('1')!;
    opened.onPublished();
    await until(() => child.words[W.hostSleeps] === 1);
    return slot;
  };
  return { child, answers, lost, send };
}

test('an answer for which the child does not ring is found, and the plugin is not blamed for it', async () => {
  const { child, answers, lost, send } = open();
  const slot = await send();
  child.take();
  child.answer(slot, '2');
  await until(() => answers.length > 0);
  expect(answers).toMatchObject([{ text: '2' }]);
  expect(lost).toEqual(['an answer waited, and its process did not ring']);
});

test('a thread of the child that sleeps although a call waits is woken', async () => {
  const { child, lost, send } = open();
  await send();
  child.words[W.childSleeps] = 1;
  await until(() => lost.length > 0);
  expect(lost).toEqual(['a call waited, and the thread for calls slept']);
  expect(child.words[W.childSleeps]).toBe(0);
});

test('a call that takes long is no lost wake-up', async () => {
  const { child, answers, lost, send } = open();
  const slot = await send();
  child.take();
  await pause(2500);
  child.answer(slot, '2');
  await until(() => answers.length > 0);
  expect(lost.filter((problem) => problem.startsWith('a call'))).toEqual([]);
});
