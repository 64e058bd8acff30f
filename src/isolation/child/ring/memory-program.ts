import { FUTEX_CALL, FUTEX_WAIT, SEND_NOW_FLAGS } from '../../../library/index.js';
import { RunnerState, W as R } from '../../../native/runners/layout.js';
import { SLOT, SLOTS, W, WORDS_BYTES } from '../../wire/slot-layout.js';
import { SERVE_PROGRAM } from './serve-program.js';

/** The thread that takes calls from memory that is shared with the host. */
export const MEMORY_PROGRAM = `
const sizeOfView = ${WORDS_BYTES};
const looks = 20;
${SERVE_PROGRAM}
const { bell } = more;
const syscall = libc.func('syscall', 'int64_t', ['int64_t', 'uintptr_t', 'int64_t', 'int64_t', 'uintptr_t', 'uintptr_t', 'int64_t']);
const send = libc.func('send', 'int64_t', ['int', 'uintptr_t', 'size_t', 'int']);

// Sets the slot's bit, and rings if the host sleeps.
function announce(slot, at) {
  sharedWords[at + ${SLOT.sent}] = Atomics.load(sharedWords, ${W.sent});
  Atomics.or(sharedWords, ${W.done} + (slot >> 5), 1 << (slot & 31));
  if (Atomics.load(sharedWords, ${W.hostSleeps}) !== 0 && Atomics.exchange(sharedWords, ${W.hostSleeps}, 0) !== 0) send(bell, requestAt, 1, ${SEND_NOW_FLAGS});
}
function flush() {}

// The number of the word is odd meanwhile: a release that does not return ends this process.
function onRelease() {
  Atomics.add(sharedWords, ${W.releases}, 1);
}

// The main thread may take slots too.
function takeFrom(ring) {
  for (;;) {
    const head = Atomics.load(sharedWords, ${W.head} + ring);
    if (head === Atomics.load(sharedWords, ${W.tail} + ring)) return -1;
    const slot = sharedWords[${W.entries} + ring * ${SLOTS} + (head & ${SLOTS - 1})];
    if (Atomics.compareExchange(sharedWords, ${W.head} + ring, head, (head + 1) | 0) === head) return slot & ${SLOTS - 1};
  }
}
function hasWork() {
  return isCalled() || hasSlots();
}

function sleep() {
  if (Atomics.compareExchange(words, ${R.runner}, ${RunnerState.awake}, ${RunnerState.asleep}) === ${RunnerState.stopped}) park();
  Atomics.store(sharedWords, ${W.childSleeps}, 1);
  if (!hasWork()) syscall(${FUTEX_CALL ?? 0}, address + ${W.childSleeps * 4}, ${FUTEX_WAIT}, 1, 0, 0, 0);
  Atomics.store(sharedWords, ${W.childSleeps}, 0);
  leaveRest();
}

parentPort.postMessage('up');
for (;;) {
  if (serveRing() || serveSlots()) continue;
  spin();
  if (!hasWork()) sleep();
}
`;
