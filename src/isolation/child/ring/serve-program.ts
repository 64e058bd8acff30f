import { Status } from '../../../abi/status.js';
import { FRAME, REPLY_OFFSET } from '../../../library/index.js';
import { SIGNATURES } from '../../../library/prototypes.js';
import { Format } from '../../../abi/constants.js';
import { LAYOUTS } from '../../../abi/layouts.js';
import { Hold, W as R } from '../../../native/runners/layout.js';
import { MAX_PAUSE_MS, MAY_SPIN, MISS_WEIGHT, PREEMPTED_MS, PREEMPTED_WEIGHT } from '../../wire/shared-memory/gate.js';
import { Ring, SLOT, SlotState, W } from '../../wire/slot-layout.js';
import { HANDED, ROW } from './own-words.js';

/** How long the thread looks for the next call before it sleeps. The host needs a few microseconds between two calls. */
const SPIN_MS = 0.05;

const number = (prototype: keyof typeof SIGNATURES): number => Object.keys(SIGNATURES).indexOf(prototype);
/** A word of the frame, which is in the memory of the slots. */
const F = (member: keyof typeof FRAME): number => W.frame + FRAME[member];

/**
 * What follows CALLS_PROGRAM in the thread of a child that takes calls out of slots: it calls the plugin with input and
 * buffer in place, and writes the answer itself. What is not simple (PENDING, an answer that does not fit, a call that the main
 * thread has adopted) it hands to the main thread, and waits until that is done with it.
 *
 * How calls get into slots and answers out is what follows (memory-program.ts, socket-program.ts). It defines:
 * - `sizeOfView`, `looks`: how much of the memory to view, and how often to look for work between two readings of the clock
 * - `announce(slot, at)`: the slot has its answer; `flush()`: sends answers that wait; `onRelease(isOver)`
 * - `takeFrom(ring)`: the next slot, or -1; `hasWork()`; `sleep()`, until there may be work
 */
export const SERVE_PROGRAM = `
const { address, own, methods } = more;
const memory = koffi.view(BigInt(address), sizeOfView);
const sharedWords = new Int32Array(memory);
const sharedUnsigned = new Uint32Array(memory);
const ownWords = new Int32Array(own);
const ownUnsigned = new Uint32Array(own);

const setAddress = (i, value) => {
  sharedUnsigned[i] = value;
  sharedUnsigned[i + 1] = value / 0x100000000;
};
const addressIn = (from, i) => from[i + 1] * 0x100000000 + from[i];
const valueIn = (from, i) => (from[i + 1] < 0x200000 ? addressIn(from, i) : (BigInt(from[i + 1]) << 32n) | BigInt(from[i]));
const bound = (prototype, at) => prototype.bound.get(at) ?? bind(prototype, at);

const requestAt = address + ${W.frame * 4};
const replyAt = requestAt + ${REPLY_OFFSET};
sharedWords[${W.frame}] = ${LAYOUTS.aisopod_request.size};
sharedWords[${W.frame + 1}] = ${Format.JSON};
sharedWords[${W.frame + REPLY_OFFSET / 4}] = ${LAYOUTS.aisopod_reply.size};

const fill = (at) => {
  const slotAddress = address + at * 4;
  setAddress(${F('method')}, methods[sharedWords[at + ${SLOT.method}]]);
  setAddress(${F('input')}, address + sharedUnsigned[at + ${SLOT.input}]);
  setAddress(${F('inputLength')}, sharedUnsigned[at + ${SLOT.inputBytes}]);
  sharedWords[${F('invocation')}] = sharedWords[at + ${SLOT.id}];
  sharedWords[${F('invocation')} + 1] = sharedWords[at + ${SLOT.id} + 1];
  setAddress(${F('parent')}, 0);
  setAddress(${F('cancel')}, slotAddress + ${SLOT.cancel * 4});
  setAddress(${F('room')}, slotAddress + ${SLOT.room * 4});
  sharedWords[${F('epoch')}] = sharedWords[at + ${SLOT.epoch}];
  const contextBytes = sharedUnsigned[at + ${SLOT.contextBytes}];
  setAddress(${F('context')}, contextBytes === 0 ? 0 : address + sharedUnsigned[at + ${SLOT.input}] + sharedUnsigned[at + ${SLOT.inputBytes}] + 1);
  setAddress(${F('contextLength')}, contextBytes);
  sharedWords[${F('replyFormat')}] = ${Format.JSON};
  setAddress(${F('buffer')}, address + sharedUnsigned[at + ${SLOT.output}]);
  setAddress(${F('capacity')}, sharedUnsigned[at + ${SLOT.outputBytes}]);
  for (const member of [${F('length')}, ${F('owned')}, ${F('release')}, ${F('releaseArgument')}]) sharedWords[member] = sharedWords[member + 1] = 0;
};

// Copies an answer in the plugin's memory to the lent buffer. Returns false if that is not possible.
const copyOwned = (at, owned, release) => {
  if (owned === 0 && release === 0) return true;
  const length = addressIn(sharedUnsigned, ${F('length')});
  if (owned === 0 || release === 0 || length > sharedUnsigned[at + ${SLOT.outputBytes}] || length > ownUnsigned[${HANDED.limit}]) return false;
  if (length > 0) memcpy(address + sharedUnsigned[at + ${SLOT.output}], owned, length);
  return true;
};

const giveBack = (release, owned) => {
  onRelease(false);
  bound(prototypes[${number('release')}], release)(valueIn(sharedUnsigned, ${F('releaseArgument')}), owned);
  restoreFloatingPoint();
  onRelease(true);
};

// The main thread answers it. It may still need the frame.
const hand = (slot, status) => {
  flush();
  ownWords[${HANDED.slot}] = slot;
  ownWords[${HANDED.status}] = status;
  Atomics.store(words, ${R.paused}, ${Hold.other});
  parentPort.postMessage('handed');
  waitWhileHeld();
};

const serve = (slot) => {
  const at = ${W.slots} + slot * ${SLOT.words};
  if (Atomics.compareExchange(sharedWords, at + ${SLOT.state}, ${SlotState.queued}, ${SlotState.running}) !== ${SlotState.queued}) {
    if (Atomics.load(sharedWords, at + ${SLOT.state}) === ${SlotState.takenBack}) announce(slot, at);
    return;
  }
  fill(at);
  const row = ${HANDED.words} + sharedWords[at + ${SLOT.capability}] * ${ROW.words};
  const invoke = bound(prototypes[${number('call')}], addressIn(ownUnsigned, row + ${ROW.invoke}));
  const status = invoke(valueIn(ownUnsigned, row + ${ROW.data}), requestAt, replyAt);
  restoreFloatingPoint();
  const owned = addressIn(sharedUnsigned, ${F('owned')});
  const release = addressIn(sharedUnsigned, ${F('release')});
  const isSimple = status !== ${Status.PENDING} && copyOwned(at, owned, release) && sharedUnsigned[${F('length')} + 1] === 0;
  if (!isSimple || Atomics.compareExchange(sharedWords, at + ${SLOT.state}, ${SlotState.running}, ${SlotState.returned}) !== ${SlotState.running}) {
    hand(slot, status);
    return;
  }
  sharedWords[at + ${SLOT.status}] = status;
  sharedWords[at + ${SLOT.format}] = sharedWords[${F('replyFormat')}];
  sharedWords[at + ${SLOT.length}] = sharedWords[${F('length')}];
  sharedWords[at + ${SLOT.isOwned}] = release === 0 ? 0 : 1;
  announce(slot, at);
  if (release !== 0) giveBack(release, owned);
};

const isFilled = (ring) => Atomics.load(sharedWords, ${W.head} + ring) !== Atomics.load(sharedWords, ${W.tail} + ring);
const hasSlots = () => isFilled(${Ring.inline}) || isFilled(${Ring.plain});
const isCalled = () => Atomics.load(words, ${R.head}) !== tail;
const serveSlots = () => {
  let slot = takeFrom(${Ring.inline});
  if (slot < 0) slot = takeFrom(${Ring.plain});
  if (slot < 0) return false;
  serve(slot);
  return true;
};

// See Gate.
let opensAt = 0;
let pauseMs = 1;
const spin = () => {
  const start = performance.now();
  if (!${MAY_SPIN} || start < opensAt) return;
  let last = start;
  let gap = 0;
  while (last - start < ${SPIN_MS}) {
    for (let i = 0; i < looks; i++) {
      if (!hasWork()) continue;
      if (pauseMs > 1) pauseMs /= 2;
      return;
    }
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
  }
  opensAt = last + pauseMs;
  pauseMs = Math.min(${MAX_PAUSE_MS}, pauseMs * (gap > ${PREEMPTED_MS} ? ${PREEMPTED_WEIGHT} : ${MISS_WEIGHT}));
};
`;
