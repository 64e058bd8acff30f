import { setTimeout as pause } from 'node:timers/promises';

export const CRASHER_FAULTS = [
  'none', 'segv', 'abort', 'fpe', 'illegal', 'stack', 'spin', 'sleep', 'deadlock', 'exit', '_exit', 'throw', 'double-free',
  'memory', 'shared-memory', 'close-all', 'close-streams', 'garbage', 'fork', 'process', 'term',
];
const CRASHER_TOOLS = ['inline', 'worker', 'pending', 'idle', 'callback', 'release'];
const RULES_TO_BREAK = [
  'no_status', 'unknown_status', 'length_lies', 'owned_without_release', 'huge_length', 'bad_utf8', 'bad_json', 'bad_format',
  'complete_twice', 'complete_before_pending', 'complete_and_return', 'complete_unknown', 'emit_after_complete', 'emit_to_stale',
  'statuses', 'register_late', 'bad_log', 'bad_chunk', 'bad_chunk_size', 'bad_completion_size', 'bad_call', 'misaligned',
  'null_struct', 'unknown_context', 'call_self', 'keep_lent_buffer', 'many_threads', 'late_thread', 'flood',
];
/** The deadline of invocations that the plugin never answers. */
const MAX_TIMEOUT_MS = 3000;

let last = 0;

/** A deadline, a cancellation, both or neither. */
function optionsOf(random) {
  return {
    timeoutMs: random.chance(0.1) ? random.between(1, 100) : MAX_TIMEOUT_MS,
    ...(random.chance(0.1) && { signal: AbortSignal.timeout(random.between(0, 50)) }),
  };
}

const isEqual = (wanted) => (found) => JSON.stringify(found) === JSON.stringify(wanted);

/** Each returns a tool of good-c, its parameters, and a check of the answer. */
const GOOD = [
  [10, () => ['echo', { n: ++last }, isEqual({ n: last })]],
  [5, () => ['echo_inline', { n: ++last }, isEqual({ n: last })]],
  [3, (random) => ['echo', { n: ++last, text: 'x'.repeat(random.between(1, 300_000)) }, ((n) => (found) => found.n === n)(last)]],
  [2, () => ['fail', {}, () => false]],
  [3, (random) => ['sleep', { ms: random.between(0, 30) }]],
  [1, (random) => ['block', { ms: random.between(0, 30) }]],
  [5, (random) => ['pending', { ms: random.between(0, 50) }, isEqual({ ok: true })]],
  [2, (random) => ['owned', { bytes: random.between(1, 100_000) }, (found) => /^o+$/.test(found)]],
  [3, () => ['host_call', { name: 'echo', input: { n: ++last } }, isEqual({ n: last })]],
  [1, () => ['wait_cancel', {}, () => false]],
  [1, () => ['log', { message: 'a line' }]],
];

/** Runs one of good-c, which breaks no rule. */
export function invokeGood(hostOf, random, ledger) {
  if (random.chance(0.15)) return invokeStream(hostOf, random, ledger);
  const [name, params, isRight] = random.weighed(GOOD)(random);
  const tool = hostOf('good-c').find('tool', name);
  if (tool === undefined) return pause(5);
  // Only its caller's cancellation ends it.
  const options = name === 'wait_cancel' ? { timeoutMs: random.between(1, 100) } : optionsOf(random);
  return ledger.follow(`good-c ${name}`, () => tool.call(params, options), isRight);
}

/** Checks that chunks arrive in order and complete, and none after the end. */
function invokeStream(hostOf, random, ledger) {
  const tool = hostOf('good-c').find('tool', 'stream');
  if (tool === undefined) return pause(5);
  const count = random.between(0, 300);
  const isSlow = random.chance(0.2);
  let next = 0;
  const run = (isOver) => {
    const onChunk = ({ i }) => {
      if (isOver()) ledger.violate(`good-c stream: chunk ${i} came after the end`);
      if (i !== next) ledger.violate(`good-c stream: chunk ${i} came for ${next}`);
      next = i + 1;
      return isSlow ? pause(1) : undefined;
    };
    return tool.call({ count, bytes: random.between(20, 2000) }, { ...optionsOf(random), onChunk });
  };
  return ledger.follow('good-c stream', run, () => next === count);
}

function invokeBreaker(hostOf, random, ledger) {
  const name = random.pick(RULES_TO_BREAK);
  const tool = hostOf('rule-breaker').find('tool', name);
  if (tool === undefined) return pause(5);
  return ledger.follow(`rule-breaker ${name}`, () => tool.call({ ms: 20, threads: 20, count: 500 }, optionsOf(random)));
}

function invokeCrasher(hostOf, random, ledger) {
  const name = random.pick(CRASHER_TOOLS);
  const fault = random.pick(CRASHER_FAULTS);
  const tool = hostOf('crasher').find('tool', name);
  if (tool === undefined) return pause(5);
  const options = { ...optionsOf(random), timeoutMs: random.between(50, 500) };
  return ledger.follow(`crasher ${name} ${fault}`, () => tool.call({ fault }, options), isEqual({ survived: true }));
}

/** Runs one invocation of one plugin and records its outcome. Does nothing if the plugin is not active. */
export function invokeAny(hostOf, random, ledger) {
  const invoke = random.weighed([
    [100, invokeGood],
    [30, invokeBreaker],
    [5, invokeCrasher],
  ]);
  return invoke(hostOf, random, ledger);
}
