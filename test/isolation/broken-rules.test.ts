import { beforeAll, expect, test } from '@jest/globals';
import { openIn, type Home, type HomeHost } from './homes.js';

/** Tools of rule-breaker that harm nobody beside their own invocation. */
const TOOLS = [
  'no_status',
  'unknown_status',
  'unknown_failure',
  'never_written',
  'partly_written',
  'unwritten_failure',
  'owned_null',
  'length_lies',
  'owned_without_release',
  'huge_length',
  'bad_utf8',
  'bad_json',
  'bad_format',
  'complete_twice',
  'complete_before_pending',
  'complete_and_return',
  'complete_unknown',
  'emit_after_complete',
  'complete_without_status',
  'complete_unknown_status',
  'complete_pending',
  'complete_null',
  'register_late',
  'bad_log',
  'bad_chunk',
  'bad_chunk_size',
  'bad_completion_size',
  'bad_call',
  'misaligned',
  'null_struct',
  'unknown_context',
  'call_self',
  'many_threads',
];

const CHILDREN = ['process', 'socket'] as const;
const hosts = new Map<Home, HomeHost>();
beforeAll(async () => {
  for (const home of ['in-process', ...CHILDREN] as const) hosts.set(home, await openIn(home, ['rule-breaker']));
});

async function outcomeIn(home: Home, tool: string): Promise<unknown> {
  try {
    return { answer: await hosts.get(home)?.tool(tool).call({ threads: 50 }) };
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
}

test.each(TOOLS)('%s ends in a child as it does in this process', async (tool) => {
  const expected = await outcomeIn('in-process', tool);
  for (const home of CHILDREN) expect(await outcomeIn(home, tool)).toEqual(expected);
});

test.each(CHILDREN)('they are on the record of the plugin in both (%s)', (home) => {
  // In this process it may be a private copy: another test file may have opened the library before.
  const withoutFolder = (message: string): string => message.replace(/\(\/.*\/(librule-breaker)/, '($1');
  const recordIn = (of: Home): unknown =>
    hosts.get(of)?.plugin('rule-breaker').events?.map(({ step, message }) => ({ step, message: withoutFolder(message) }));
  expect(recordIn(home)).toEqual(recordIn('in-process'));
  expect(recordIn(home)).not.toEqual([]);
});
