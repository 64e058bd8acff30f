/** What the host answers to a plugin that gives its functions the wrong thing, or calls them at the wrong time. */
import { describe, expect, test } from '@jest/globals';
import { Status } from '../../src/abi/status.js';
import { answerOf } from '../support/child.js';
import { errorOf, openHost, recordOf } from '../support/host.js';

const { OK, INVALID, STALE, CLOSED, STATE, TOO_LARGE } = Status;
const host = await openHost(['rule-breaker']);

/** Calls a tool of the rule breaker's; after each, the plugin and the host still work. */
async function breakRule(tool: string, input: unknown = {}): Promise<unknown> {
  const answer: unknown = await host.tool(tool).call(input);
  expect(await host.tool('unknown_context').call({})).toMatchObject({ status: CLOSED });
  return answer;
}

describe('structs that break rule 6', () => {
  test.each<[string, unknown]>([
    ['null_struct', { log: INVALID, register_capability: INVALID, emit: INVALID, complete: INVALID, call: INVALID, get_extension: null }],
    ['misaligned', { log: INVALID, emit: INVALID, complete: INVALID }],
    ['bad_chunk_size', { small: INVALID, large: INVALID }],
    ['bad_completion_size', { small: INVALID, large: INVALID }],
    ['bad_log', { nothing: INVALID, huge: TOO_LARGE, utf8: OK, level: OK, size: INVALID }],
    ['bad_chunk', { nothing: INVALID, huge: TOO_LARGE, utf8: INVALID, json: OK, format: INVALID }],
    ['bad_call', { no_name: INVALID, unknown_name: Status.PENDING, unknown_kind: INVALID, no_reply: INVALID }],
  ])('%s', async (tool, statuses) => {
    expect(await breakRule(tool)).toEqual(statuses);
  });

  test('what a bad log line holds is logged as far as it can be', () => {
    const lines = host.log.filter(({ level, pluginId }) => level === 'info' && pluginId === 'rule-breaker').map(({ message }) => message);
    expect(lines).toContain('\uFFFD\uFFFD');
    expect(lines).toContain('unknown level');
    expect(lines).not.toContain('small');
  });
});

describe('calls at the wrong time', () => {
  test('a registration outside register is refused and recorded (rule 7)', async () => {
    expect(await breakRule('register_late')).toEqual({ status: STATE });
    expect(recordOf(host.plugin('rule-breaker'))).toMatch(/register: .*tool late was registered outside register/);
    expect(host.registry.tool('late')).toBeUndefined();
  });

  test('a context that is not there is closed (rule 19)', async () => {
    expect(await breakRule('unknown_context')).toEqual({ status: CLOSED, emit: CLOSED, complete: CLOSED, call: CLOSED });
  });

  test('an invocation that never was is stale (rule 16)', async () => {
    expect(await breakRule('complete_unknown')).toEqual({ status: STALE });
  });

  test('an invocation that has been answered is stale (rule 16)', async () => {
    await breakRule('emit_to_stale');
    expect(await breakRule('emit_to_stale')).toEqual({ status: STALE });
  });
});

describe('completions', () => {
  const statuses = async (): Promise<Record<string, number>> => host.tool('statuses').call<unknown, Record<string, number>>({});

  test('the second of two is stale, and the first counts (rule 16)', async () => {
    expect(await breakRule('complete_twice')).toEqual({ answer: 1 });
    expect(await statuses()).toMatchObject({ complete_twice: STALE });
  });

  test('one that comes before PENDING is kept (rule 15)', async () => {
    expect(await breakRule('complete_before_pending')).toEqual({ answer: 1 });
    expect(await statuses()).toMatchObject({ complete_before_pending: OK });
  });

  test('of one that comes with a final answer, the first counts and the second is recorded (rule 15)', async () => {
    expect(await breakRule('complete_and_return')).toEqual({ from: 'complete' });
    expect(recordOf(host.plugin('rule-breaker'))).toContain('tool complete_and_return completed and answered as well (rule 15)');
  });

  test.each(['complete_without_status', 'complete_unknown_status', 'complete_pending', 'complete_null'])(
    'the plugin is told that %s is invalid, and its invocation ends',
    async (tool) => {
      expect(await errorOf(host.tool(tool).call({}))).toMatchObject({ code: 'ERR_INVALID_REPLY' });
      expect(await statuses()).toMatchObject({ broken_completion: INVALID });
    },
  );

  test('a chunk after it is stale (rule 18)', async () => {
    const seen: unknown[] = [];
    expect(await host.tool('emit_after_complete').call({}, { onChunk: (chunk) => void seen.push(chunk) })).toEqual({ answer: 1 });
    expect(await statuses()).toMatchObject({ emit_after_complete: STALE });
    expect(seen).toEqual([]);
  });
});

test('three hundred threads inside host functions at once (rule 13)', async () => {
  expect(await breakRule('many_threads', { threads: 300 })).toEqual({ logged: 300 });
  expect(host.log.filter(({ message }) => message === 'one of many')).toHaveLength(300);
});

test('a lent buffer that is written to after the reply makes no more than broken replies, and only as long as that goes on (rule 14)', async () => {
  const script = `
  const breaker = await openHost(['rule-breaker']);
  const good = await openHost(['good-c']);
  const ends = new Set();
  const end = (call) => call.then((answer) => ends.add(JSON.stringify(answer)), ({ code }) => ends.add(code));
  await end(breaker.tool('keep_lent_buffer').call({}));
  for (let i = 0; i < 200; i++) await end(good.tool('echo').call({ started: true }));
  await pause(400);
  console.log(JSON.stringify({ ends: [...ends], after: await good.tool('echo').call({ right: true }) }));`;
  const { ends, after } = (await answerOf(script)) as { ends: string[]; after: unknown };
  for (const end of ends) expect(['{"started":true}', 'ERR_INVALID_REPLY']).toContain(end);
  expect(after).toEqual({ right: true });
});

describe('a plugin that calls itself (rule 12)', () => {
  test('while it is inside and not thread-safe is told BUSY, and the host does not enter it', async () => {
    const own = await openHost(['inside-count']);
    const error = await errorOf(own.tool('call_self').call({ ms: 100 }));
    expect(error).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'BUSY' });
    expect(own.tool('most_inside').sync?.({})).toEqual({ most: 0 });
  });

  test('while it is inside and thread-safe is let in', async () => {
    const own = await openHost(['inside-count-safe']);
    expect(await own.tool('call_self').call({ ms: 100 })).toEqual({ order: 1 });
  });
});

test('a call of what nobody has is answered NOT_FOUND through on_reply', async () => {
  const good = await openHost(['good-c']);
  expect(await errorOf(good.tool('host_call').call({ name: 'nobody-has-this' }))).toMatchObject({
    code: 'ERR_INVOCATION_FAILED',
    status: 'NOT_FOUND',
  });
});

describe('calls that nest (rule 12)', () => {
  const nested = (depth: number): unknown => (depth === 0 ? { bottom: true } : { name: depth === 1 ? 'echo' : 'host_call', input: nested(depth - 1) });

  test('sixteen deep they come back', async () => {
    const good = await openHost(['good-c']);
    expect(await good.tool('host_call').call(nested(15))).toEqual({ bottom: true });
  });

  test('one deeper is refused with NESTING', async () => {
    const good = await openHost(['good-c']);
    const error = await errorOf(good.tool('host_call').call(nested(16)));
    expect(error).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'NESTING' });
  });
});

describe('four tools that wait for each other inside invoke (rule 12)', () => {
  test('end at their deadline, and everything works again afterwards', async () => {
    const own = await openHost(['waits-for-each-other', 'good-c']);
    const names = ['first', 'second', 'third', 'fourth'];
    const calls = names.map((name) => errorOf(own.tool(name).call({}, { timeoutMs: 200 })));
    for (const call of calls) expect(await call).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT' });
    expect(await own.tool('echo').call({ a: 1 })).toEqual({ a: 1 });
    expect((await own.registry.shutdownAll()).failed).toEqual([]);
  });
});
