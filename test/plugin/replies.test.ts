/** Replies: every size and form comes back right, or as a typed error; memory of the plugin's is given back once. */
import { describe, expect, test } from '@jest/globals';
import { answerOf } from '../support/child.js';
import { temporaryFolder } from '../support/fixtures.js';
import { errorOf, openHost } from '../support/host.js';

const good = await openHost(['good-c']);
const breaker = await openHost(['rule-breaker']);

const releasedBy = async (of: typeof good, tool = 'released'): Promise<number> => (await of.tool(tool).call<unknown, { released: number }>({})).released;

describe('right ones', () => {
  test.each([0, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 1 << 20, (4 << 20) + 1])('text of %i bytes there and back', async (bytes) => {
    const json = JSON.stringify('x'.repeat(bytes));
    expect(await good.tool('echo').callRaw(json)).toBe(json);
    expect(good.tool('echo_inline').syncRaw?.(json)).toBe(json);
  });

  test.each(['é', '漢字', '🎉', '\u0000', 'a\u0000b', '\uFFFF', '"\\\n', 'ÿ'.repeat(300), `${'a'.repeat(65_535)}é`])(
    'text beyond ASCII there and back (%#)',
    async (text) => {
      const json = JSON.stringify({ text });
      expect(await good.tool('echo').callRaw(json)).toBe(json);
      expect(good.tool('echo_inline').sync?.({ text })).toEqual({ text });
    },
  );

  test('a lone surrogate becomes U+FFFD where the text is sent as it is, and survives where JSON escapes it', async () => {
    expect(await good.tool('echo').callRaw('"\uD800"')).toBe('"\uFFFD"');
    expect(await good.tool('echo').call({ text: '\uD800' })).toEqual({ text: '\uD800' });
  });

  test('64 MiB there and back, and 64 MiB of the plugin’s own', async () => {
    const json = JSON.stringify('z'.repeat(64 << 20));
    expect((await good.tool('echo').callRaw(json)) === json).toBe(true);
    const owned = await good.tool('owned').callRaw(`{"bytes":${64 << 20}}`);
    expect(owned).toHaveLength((64 << 20) + 2);
  });

  test('owned memory is released once for each reply', async () => {
    const before = await releasedBy(good);
    for (let i = 0; i < 50; i++) await good.tool('owned').call({ bytes: 10 });
    expect(await releasedBy(good)).toBe(before + 50);
  });

  test('an empty reply is an empty text, and no JSON', async () => {
    expect(await good.tool('echo').callRaw('')).toBe('');
    const error = await errorOf(good.tool('echo').callRaw('').then((text) => good.tool('echo').call(JSON.parse(text))));
    expect(error).toBeInstanceOf(SyntaxError);
  });
});

describe('broken ones are typed errors', () => {
  test.each<[string, object]>([
    ['no_status', { code: 'ERR_INVALID_REPLY', expected: 'a status of the header', found: 'status 0' }],
    ['unknown_status', { code: 'ERR_INVALID_REPLY', expected: 'a status of the header', found: 'status 77' }],
    ['unknown_failure', { code: 'ERR_INVALID_REPLY', expected: 'a status of the header', found: 'status -12345' }],
    ['never_written', { code: 'ERR_INVALID_REPLY', expected: 'JSON of 20 bytes', found: expect.stringContaining('zero bytes') }],
    ['partly_written', { code: 'ERR_INVALID_REPLY', expected: 'JSON of 20 bytes', found: expect.stringContaining('zero bytes') }],
    ['unwritten_failure', { code: 'ERR_INVOCATION_FAILED', status: 'FAILED', reason: 'the plugin gave no message' }],
    ['owned_null', { code: 'ERR_INVALID_REPLY', expected: 'an address of 20 bytes', found: 'NULL' }],
    ['complete_without_status', { code: 'ERR_INVALID_REPLY', expected: 'a status of the header', found: 'status 0' }],
    ['complete_unknown_status', { code: 'ERR_INVALID_REPLY', expected: 'a status of the header', found: 'status -12345' }],
    ['complete_pending', { code: 'ERR_INVALID_REPLY', expected: 'a final status', found: 'PENDING' }],
    ['complete_null', { code: 'ERR_INVALID_REPLY', expected: 'an address of 20 bytes', found: 'NULL' }],
    ['length_lies', { code: 'ERR_INVALID_REPLY', found: expect.stringMatching(/^a length of \d+$/) }],
    ['owned_without_release', { code: 'ERR_INVALID_REPLY', expected: 'owned memory with a release function', found: 'none' }],
    ['huge_length', { code: 'ERR_PAYLOAD_TOO_LARGE', what: 'a reply', limit: 128 << 20 }],
    ['bad_utf8', { code: 'ERR_INVALID_REPLY', expected: 'UTF-8', found: 'other bytes' }],
    ['bad_json', { code: 'ERR_INVALID_REPLY', expected: 'JSON', found: '"{\\"open\\":"' }],
    ['bad_format', { code: 'ERR_INVALID_REPLY', expected: 'JSON', found: 'format 99' }],
  ])('%s', async (tool, expected) => {
    const error = await errorOf(breaker.tool(tool).call({}));
    expect(error).toMatchObject({ name: 'InvocationError', pluginId: 'rule-breaker', step: 'active', capability: `tool ${tool}`, ...expected });
    expect(error.hint).toMatch(/\w/);
  });

  test('memory that is too large to take is released all the same', async () => {
    const before = await releasedBy(breaker, 'released_count');
    await errorOf(breaker.tool('huge_length').call({}));
    expect(await releasedBy(breaker, 'released_count')).toBe(before + 1);
  });

  test('a failure is the plugin’s own status and words', async () => {
    const error = await errorOf(good.tool('fail').call({}));
    expect(error).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'FAILED', reason: 'asked to fail', capability: 'tool fail' });
  });
});

describe('limits', () => {
  test('of the host hold for inputs and for replies', async () => {
    const host = await openHost(['good-c'], { maxPayloadBytes: 1000 });
    const large = JSON.stringify('x'.repeat(999));
    expect(await errorOf(host.tool('echo').callRaw(large))).toMatchObject({
      code: 'ERR_PAYLOAD_TOO_LARGE',
      what: 'an input',
      bytes: 1001,
      limit: 1000,
    });
    expect(await host.tool('echo').callRaw(large.slice(1))).toHaveLength(1000);
    expect(await errorOf(host.tool('owned').call({ bytes: 999 }))).toMatchObject({ code: 'ERR_PAYLOAD_TOO_LARGE', what: 'a reply', bytes: 1001 });
    expect(await host.tool('owned').call({ bytes: 998 })).toHaveLength(998);
    expect(await releasedBy(host)).toBe(2);
  });

  test('above what a string can hold are the plugin’s trouble, not the host’s', async () => {
    const script = `
    const loader = new aisopod.DynamicPluginLoader({ pluginDirs: [fixtures], hostVersion: '1.0.0', maxPayloadBytes: 2 ** 31 });
    const registry = new aisopod.PluginRegistry({ hostVersion: '1.0.0', dataDir: process.env.DATA });
    await registry.register(await loader.loadPlugin(await fixture('good-c')));
    await registry.initAll();
    const { code, found } = await registry.tool('owned').callRaw('{"bytes":540000000}').catch((error) => error);
    console.log(JSON.stringify({ code, found, answer: await registry.tool('echo').call({ still: 'here' }) }));`;
    expect(await answerOf(script, { env: { DATA: temporaryFolder() } })).toEqual({
      code: 'ERR_INVALID_REPLY',
      found: expect.stringContaining('string longer than'),
      answer: { still: 'here' },
    });
  });

  test('count bytes, not characters', async () => {
    const host = await openHost(['good-c'], { maxPayloadBytes: 1000 });
    expect(await errorOf(host.tool('echo').callRaw(JSON.stringify('漢'.repeat(333))))).toMatchObject({ bytes: 1001 });
    expect(await host.tool('echo').call('漢'.repeat(332)).catch(({ code }: { code: string }) => code)).toBe('ERR_INVALID_PARAMETERS');
  });
});
