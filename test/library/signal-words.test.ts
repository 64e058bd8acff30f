/** The words that an invocation shares with native code (rules 17 and 18). */
import { expect, test } from '@jest/globals';
import koffi from 'koffi';
import { takeSignalWords, type SignalWords } from '../../src/library/signal-words.js';

const read = (address: number): number => new Uint32Array(koffi.view(BigInt(address), 4))[0] ?? NaN;

/** As aisopod_cancelled() and aisopod_has_room() see it, for one that began with `epoch`. */
const isCancelled = ({ cancel }: SignalWords, epoch: number): boolean => read(cancel) !== epoch;
const hasRoom = ({ room }: SignalWords): boolean => read(room) !== 0;

test('begin neither cancelled nor full', () => {
  const words = takeSignalWords();
  expect(isCancelled(words, words.epoch)).toBe(false);
  expect(hasRoom(words)).toBe(true);
});

test('say what they are told', () => {
  const words = takeSignalWords();
  words.setRoom(false);
  expect(hasRoom(words)).toBe(false);
  words.setRoom(true);
  expect(hasRoom(words)).toBe(true);
  words.cancelNow();
  expect(isCancelled(words, words.epoch)).toBe(true);
});

test('are used again, and whoever still holds them from before reads them as cancelled', () => {
  const words = takeSignalWords();
  const epochs: number[] = [];
  const { cancel } = words;
  words.setRoom(false);
  for (let use = 0; use < 100; use++) {
    epochs.push(words.epoch);
    words.free();
    const again = takeSignalWords();
    expect(again.cancel).toBe(cancel);
    expect(isCancelled(again, again.epoch)).toBe(false);
    expect(hasRoom(again)).toBe(true);
    for (const epoch of epochs) expect(isCancelled(again, epoch)).toBe(true);
  }
});

test('cancelled and then freed, they are fresh for their next user and cancelled for the last', () => {
  const words = takeSignalWords();
  const { epoch } = words;
  words.cancelNow();
  words.free();
  const again = takeSignalWords();
  expect(again.cancel).toBe(words.cancel);
  expect(isCancelled(again, again.epoch)).toBe(false);
  expect(isCancelled(again, epoch)).toBe(true);
});

test('no two invocations at once share theirs', () => {
  const many = Array.from({ length: 2000 }, takeSignalWords);
  const addresses = many.flatMap(({ cancel, room }) => [cancel, room]);
  expect(new Set(addresses).size).toBe(4000);
  for (const words of many) words.free();
});
