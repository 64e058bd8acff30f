import { POLLFD_BYTES, POLLIN, POLLOUT, SEND_FLAGS } from '../../../library/index.js';
import { RunnerState, W as R } from '../../../native/runners/layout.js';
import { ANSWER, ANSWER_HEADER_BYTES, AnswerKind, OUT_AT, OUT_BYTES, PRIVATE_BYTES, S } from '../../wire/call-socket/layout.js';
import { AREA_BYTES, SLOT, SLOTS, W } from '../../wire/slot-layout.js';
import { SERVE_PROGRAM } from './serve-program.js';
import { READING } from './socket-reading.js';

/** Answers of calls that begin within this time are sent together. After a call that took longer none waits: the next may block. */
const BATCH_MS = 0.02;

/**
 * The thread that reads calls from a socket and answers there. The main thread reads and sends in its place while it is in a call
 * that blocks (SocketLink, which has the same logic).
 */
export const SOCKET_PROGRAM = `
const sizeOfView = ${PRIVATE_BYTES};
const looks = 4;
${SERVE_PROGRAM}
${READING}

// Answers that have not been sent, and when the first of their calls began.
let filled = 0;
let since = 0;
function flush() {
  if (filled === 0) return;
  lock(${S.sendLock});
  for (let sent = sharedWords[${S.sentBytes}]; sent < filled; ) {
    const length = Number(send(socket, address + ${OUT_AT} + sent, filled - sent, ${SEND_FLAGS}));
    if (length > 0) sent += length;
    else if (poll(polledAt + ${2 * POLLFD_BYTES}, 1, -1) > 0 && (seen(2) & ~${POLLOUT}) !== 0) break; // nobody reads it any more
  }
  sharedWords[${S.sentBytes}] = 0;
  Atomics.store(sharedWords, ${S.readyBytes}, 0);
  unlock(${S.sendLock});
  filled = 0;
}

const put = (kind, slot, at, textAt, length) => {
  const size = ${ANSWER_HEADER_BYTES} + ((length + 3) & ~3);
  if (filled + size > ${OUT_BYTES}) flush();
  const frame = (${OUT_AT} + filled) >> 2;
  sharedWords[frame + ${ANSWER.slot}] = slot | (kind << 16);
  sharedWords[frame + ${ANSWER.status}] = sharedWords[at + ${SLOT.status}];
  sharedWords[frame + ${ANSWER.format}] = sharedWords[at + ${SLOT.format}];
  sharedWords[frame + ${ANSWER.length}] = length === 0 && kind !== ${AnswerKind.released} ? sharedWords[at + ${SLOT.length}] : length;
  sharedWords[frame + ${ANSWER.sent}] = Atomics.load(sharedWords, ${W.sent});
  if (length > 0) bytes.copyWithin(frame * 4 + ${ANSWER_HEADER_BYTES}, textAt, textAt + length);
  filled += size;
};
// From now on the main thread may send it, and the slot get another call.
const publish = () => Atomics.store(sharedWords, ${S.readyBytes}, filled);

// See clearUsed.
const clearOutput = (textAt, length) => {
  const last = (textAt + length) >> 2;
  const end = textAt + ${AREA_BYTES};
  const wroteMore = (length < ${AREA_BYTES} && (sharedUnsigned[last] >>> ((length & 3) * 8)) !== 0) || (last * 4 + 4 < end && sharedWords[last + 1] !== 0);
  bytes.fill(0, textAt, wroteMore ? end : textAt + length);
};

function announce(slot, at) {
  const said = sharedUnsigned[at + ${SLOT.length}];
  const length = said <= ${AREA_BYTES} ? said : 0;
  const textAt = sharedUnsigned[at + ${SLOT.output}];
  put(sharedWords[at + ${SLOT.isOwned}] === 1 ? ${AnswerKind.owned} : ${AnswerKind.lent}, slot, at, textAt, length);
  clearOutput(textAt, said <= ${AREA_BYTES} ? said : ${AREA_BYTES});
  Atomics.store(sharedWords, at + ${SLOT.cancel}, (sharedWords[at + ${SLOT.epoch}] + 1) | 0); // it has ended
  publish();
}

// The host watches how long that takes.
function onRelease(isOver) {
  if (!isOver) flush();
  else {
    put(${AnswerKind.released}, 0, ${W.slots}, 0, 0);
    publish();
  }
}

function takeFrom(ring) {
  if (!isFilled(ring)) return -1;
  lock(${S.lock});
  const head = sharedWords[${W.head} + ring];
  const slot = isFilled(ring) ? sharedWords[${W.entries} + ring * ${SLOTS} + (head & ${SLOTS - 1})] : -1;
  if (slot >= 0) Atomics.store(sharedWords, ${W.head} + ring, (head + 1) | 0);
  unlock(${S.lock});
  return slot;
}
function hasWork() {
  return isCalled() || hasSlots() || receive();
}

const wakeUps = Buffer.from(new ArrayBuffer(64));
const wakeUpsAt = Number(koffi.address(wakeUps));
function sleep() {
  if (Atomics.compareExchange(words, ${R.runner}, ${RunnerState.awake}, ${RunnerState.asleep}) === ${RunnerState.stopped}) park();
  Atomics.store(sharedWords, ${W.childSleeps}, 1);
  const ready = isCalled() || hasSlots() ? 0 : poll(polledAt, 2, -1);
  Atomics.store(sharedWords, ${W.childSleeps}, 0);
  leaveRest();
  if (ready <= 0) return;
  if (seen(1) !== 0) read(wakener, wakeUpsAt, ${64});
  if (seen(0) !== 0 && !receive() && (seen(0) & ~${POLLIN}) !== 0) close();
}

parentPort.postMessage('up');
for (;;) {
  if (filled === 0) since = performance.now();
  if (isCalled()) {
    flush();
    serveRing();
  } else if (serveSlots()) {
    if (!hasSlots() || performance.now() - since > ${BATCH_MS}) flush();
  } else {
    flush(); // the main thread may have taken what was next
    spin();
    if (!hasWork()) sleep();
  }
}
`;
