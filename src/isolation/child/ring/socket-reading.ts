import { DESCRIPTOR_SIGNATURES, POLLFD_BYTES, POLLIN, POLLOUT, RECEIVE_FLAGS } from '../../../library/index.js';
import { CALL, CALL_HEADER_BYTES, CALL_WORDS, INLINE_FLAG, IN_AT, IN_BYTES, S } from '../../wire/call-socket/layout.js';
import { AREA_BYTES, Ring, SLOT, SLOTS, SlotState, W, WORDS_BYTES } from '../../wire/slot-layout.js';

/** The part of SOCKET_PROGRAM that reads calls into slots. */
export const READING = `
const { socket, wakener } = more;
const bytes = new Uint8Array(memory);
const [recv, send, read, poll, schedYield] = ${JSON.stringify(Object.entries(DESCRIPTOR_SIGNATURES))}.map(([name, [result, given]]) => libc.func(name, result, given));

const lock = (word) => {
  while (Atomics.compareExchange(sharedWords, word, 0, 1) !== 0) schedYield();
};
const unlock = (word) => Atomics.store(sharedWords, word, 0);

const polled = Buffer.from(new ArrayBuffer(${3 * POLLFD_BYTES}));
const polledAt = Number(koffi.address(polled));
const watch = (i, fd, events) => {
  polled.writeInt32LE(fd, i * ${POLLFD_BYTES});
  polled.writeInt16LE(events, i * ${POLLFD_BYTES} + 4);
};
const seen = (i) => polled.readInt16LE(i * ${POLLFD_BYTES} + 6);
watch(0, socket, ${POLLIN});
watch(1, wakener, ${POLLIN});
watch(2, socket, ${POLLOUT});

// The host closes the connection only when this process ends.
let isClosed = false;
const close = () => {
  isClosed = true;
  watch(0, -1, 0);
};

const callBytes = (input, context) => input + (context === 0 ? 0 : 1 + context);

// Puts the call at this word into its slot, and the slot into a ring.
const accept = (frame) => {
  const slot = sharedWords[frame + ${CALL.slot}] & ${SLOTS - 1};
  const inputBytes = sharedWords[frame + ${SLOT.inputBytes}];
  const contextBytes = sharedWords[frame + ${CALL.contextBytes}];
  const at = ${W.slots} + slot * ${SLOT.words};
  const input = ${WORDS_BYTES} + slot * ${2 * AREA_BYTES};
  sharedWords.copyWithin(at, frame, frame + ${CALL_WORDS});
  const begin = frame * 4 + ${CALL_HEADER_BYTES};
  bytes.copyWithin(input, begin, begin + callBytes(inputBytes, contextBytes));
  bytes[input + inputBytes] = bytes[input + callBytes(inputBytes, contextBytes)] = 0;
  sharedWords[at + ${SLOT.contextBytes}] = contextBytes;
  sharedWords[at + ${SLOT.input}] = input;
  sharedWords[at + ${SLOT.output}] = input + ${AREA_BYTES};
  sharedWords[at + ${SLOT.outputBytes}] = ${AREA_BYTES};
  const epoch = (sharedWords[at + ${SLOT.epoch}] + 2) | 0;
  sharedWords[at + ${SLOT.epoch}] = epoch;
  sharedWords[at + ${SLOT.room}] = 1;
  Atomics.store(sharedWords, at + ${SLOT.cancel}, epoch);
  Atomics.store(sharedWords, at + ${SLOT.state}, ${SlotState.queued});
  const ring = (sharedWords[at + ${SLOT.flags}] & ${INLINE_FLAG}) !== 0 ? ${Ring.inline} : ${Ring.plain};
  const tail = sharedWords[${W.tail} + ring];
  sharedWords[${W.entries} + ring * ${SLOTS} + (tail & ${SLOTS - 1})] = slot;
  Atomics.store(sharedWords, ${W.tail} + ring, (tail + 1) | 0);
};

// Puts the calls that have arrived completely into slots.
const acceptAll = () => {
  let begin = sharedWords[${S.begin}];
  const end = sharedWords[${S.end}];
  while (end - begin >= ${CALL_HEADER_BYTES}) {
    const frame = (${IN_AT} + begin) >> 2;
    const length = callBytes(sharedUnsigned[frame + ${SLOT.inputBytes}], sharedUnsigned[frame + ${CALL.contextBytes}]);
    if (length >= ${AREA_BYTES}) return close(); // the descriptor is another one now
    const size = ${CALL_HEADER_BYTES} + ((length + 3) & ~3);
    if (end - begin < size) break;
    accept(frame);
    begin += size;
  }
  sharedWords[${S.begin}] = begin;
};

// Reads what has arrived, without waiting. Returns whether that was anything.
const receive = () => {
  if (isClosed) return false;
  lock(${S.lock});
  const begin = sharedWords[${S.begin}];
  const kept = sharedWords[${S.end}] - begin;
  if (kept > 0 && begin > 0) bytes.copyWithin(${IN_AT}, ${IN_AT} + begin, ${IN_AT} + begin + kept);
  const length = Number(recv(socket, address + ${IN_AT} + kept, ${IN_BYTES} - kept, ${RECEIVE_FLAGS}));
  sharedWords[${S.begin}] = 0;
  sharedWords[${S.end}] = kept + Math.max(0, length);
  if (length > 0) acceptAll();
  else if (length === 0) close();
  unlock(${S.lock});
  return length > 0;
};
`;
