import { LAYOUTS } from '../../abi/layouts.js';
import { RESTORE_PROGRAM } from '../../library/floating-point.js';
import { FIRST_LUCK, MAX_LUCK, RETRY_EVERY, SPIN_MS } from './spin.js';
import { Hold, RunnerState, SLOT, SLOTS, SlotState, W } from './layout.js';

/** The 1 MiB that rule 8 promises to plugins, plus what koffi and the host functions use. */
const STACK_BYTES = (1 << 20) + (256 << 10);
const HEAP_BYTES = 64 << 10;
/** How many functions stay bound. A plugin can make new ones at run time, without limit. */
const MAX_BOUND = 4096;
/** How often to look between two readings of the clock. */
const LOOKS = 200;

const REPLY = LAYOUTS.aisopod_reply.members;
const C_LIBRARY = process.platform === 'win32' ? "'ucrtbase.dll'" : 'null';

/**
 * The first part of a runner's program: what it needs to make calls. It is text so that it needs no file of its own, which a bundle would lose.
 *
 * It registers no callback and makes no asynchronous call, so that its thread can be ended. koffi crashes at the first call
 * of a thread that has loaded nothing, so it loads the C library. Node may end the thread only while it is at rest
 * (asleep, or parked): in the middle of koffi's code that aborts the process.
 */
export const CALLS_PROGRAM = `
'use strict';
const { signatures, hasFenv, more } = data;
const words = new Int32Array(shared);
const unsigned = new Uint32Array(shared);

const park = () => {
  Atomics.store(words, ${W.parked}, 1);
  Atomics.notify(words, ${W.parked});
  for (;;) Atomics.wait(words, ${W.never}, 0);
};
const parkIfStopped = () => {
  if (Atomics.load(words, ${W.runner}) === ${RunnerState.stopped}) park();
};
const leaveRest = () => {
  if (Atomics.compareExchange(words, ${W.runner}, ${RunnerState.asleep}, ${RunnerState.awake}) === ${RunnerState.stopped}) park();
};
const rest = (word, value) => {
  if (Atomics.compareExchange(words, ${W.runner}, ${RunnerState.awake}, ${RunnerState.asleep}) === ${RunnerState.stopped}) park();
  Atomics.wait(words, word, value);
  leaveRest();
};

const waitWhileHeld = () => {
  for (let held; (held = Atomics.load(words, ${W.paused})) !== ${Hold.none}; ) rest(${W.paused}, held);
};

leaveRest();
koffi.config({ ...koffi.config(), sync_stack_size: ${STACK_BYTES}, sync_heap_size: ${HEAP_BYTES}, resident_async_pools: 1 });
const libc = koffi.load(${C_LIBRARY});
const memcpy = libc.func('memcpy', 'void', ['uintptr_t', 'uintptr_t', 'size_t']);
${RESTORE_PROGRAM}
const prototypes = signatures.map(([result, given]) => {
  parkIfStopped();
  return { type: koffi.proto(result, given), arity: given.length, bound: new Map() };
});
const bind = ({ type, bound }, at) => {
  const call = koffi.decode(BigInt(at), type);
  if (bound.size < ${MAX_BOUND}) bound.set(at, call);
  return call;
};

const addressAt = (i) => unsigned[i + 1] * 0x100000000 + unsigned[i];
const valueAt = (i) => (unsigned[i + 1] < 0x200000 ? addressAt(i) : (BigInt(unsigned[i + 1]) << 32n) | BigInt(unsigned[i]));
const store = (i, value) => {
  if (typeof value === 'number') {
    words[i] = value;
    words[i + 1] = Math.floor(value / 0x100000000);
  } else {
    words[i] = Number(BigInt.asIntN(32, BigInt(value ?? 0)));
    words[i + 1] = Number(BigInt.asIntN(32, BigInt(value ?? 0) >> 32n));
  }
};

const owned = Buffer.from(new ArrayBuffer(16));
const ownedWords = new Uint32Array(owned.buffer);
const ownedAt = Number(koffi.address(owned));
// No other call of the plugin may begin before the memory of this reply has been released.
const ownsMemory = (reply) => {
  memcpy(ownedAt, reply + ${REPLY.owned.offset}, 8);
  memcpy(ownedAt + 8, reply + ${REPLY.release.offset}, 8);
  return (ownedWords[0] | ownedWords[1]) !== 0 && (ownedWords[2] | ownedWords[3]) !== 0;
};

const call = (slot) => {
  const prototype = prototypes[words[slot + ${SLOT.prototype}]];
  const at = addressAt(slot + ${SLOT.at});
  const bound = prototype.bound.get(at) ?? bind(prototype, at);
  const args = slot + ${SLOT.args};
  switch (prototype.arity) {
    case 0: return bound();
    case 1: return bound(valueAt(args));
    case 2: return bound(valueAt(args), valueAt(args + 2));
    default: return bound(valueAt(args), valueAt(args + 2), valueAt(args + 4));
  }
};
// The next call may be another plugin's.
const run = (slot) => {
  const result = call(slot);
  restoreFloatingPoint();
  return result;
};

let tail = 0;
const serveRing = () => {
  const head = Atomics.load(words, ${W.head});
  if (tail === head) return false;
  while (tail !== head) {
    parkIfStopped();
    const slot = ${W.slots} + (tail & ${SLOTS - 1}) * ${SLOT.words};
    if (Atomics.compareExchange(words, slot + ${SLOT.state}, ${SlotState.queued}, ${SlotState.running}) === ${SlotState.queued}) {
      store(slot + ${SLOT.result}, run(slot));
      const reply = addressAt(slot + ${SLOT.reply});
      if (reply !== 0 && ownsMemory(reply)) Atomics.store(words, ${W.paused}, (tail & ${SLOTS - 1}) + 1);
    }
    tail = (tail + 1) | 0;
    Atomics.store(words, ${W.done}, tail);
    if (Atomics.load(words, ${W.mainSleeps}) === 1 && Atomics.compareExchange(words, ${W.mainSleeps}, 1, 0) === 1) parentPort.postMessage('done');
    waitWhileHeld();
  }
  return true;
};
parkIfStopped();
`;

/** The program of a runner that makes only the calls of the main thread. */
export const RUNNER_PROGRAM = `${CALLS_PROGRAM}
let luck = ${FIRST_LUCK};
let skipped = 0;
const spin = () => {
  if (luck === 0 && (${SPIN_MS} === 0 || ++skipped < ${RETRY_EVERY})) return;
  skipped = 0;
  const end = performance.now() + ${SPIN_MS};
  do {
    for (let i = 0; i < ${LOOKS}; i++) {
      if (Atomics.load(words, ${W.head}) === tail) continue;
      if (luck < ${MAX_LUCK}) luck++;
      return;
    }
  } while (performance.now() < end);
  if (luck > 0) luck--;
};

parentPort.postMessage('up');
for (;;) {
  if (serveRing()) continue;
  spin();
  if (Atomics.load(words, ${W.head}) === tail) rest(${W.head}, tail);
}
`;
