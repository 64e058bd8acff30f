/** A tool's parameters are checked in the host, wherever its plugin runs: a schema must not take the host's time. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { PluginRegistry } from '../../src/registry/plugin-registry.js';
import { errorOf } from '../support/host.js';
import { loadIn, openIn, type HomeHost } from './homes.js';

describe.each(['in-process', 'process'] as const)('a plugin %s', (home) => {
  let host: HomeHost;
  beforeAll(async () => {
    host = await openIn(home, ['costly-schema', 'good-c']);
  });

  test.each([
    ['pattern', { text: `${'a'.repeat(60)}!` }, /^a timeout after \d+ ms$/],
    ['fan_out', {}, /^a timeout after \d+ ms$/],
    ['endless', {}, /call stack/],
  ])('whose schema cannot be judged in a lifetime (%s): the call fails before it is sent', async (name, params, found) => {
    const error = await errorOf(host.tool(name).call(params));
    expect(error).toMatchObject({
      code: 'ERR_INVALID_PARAMETERS',
      pluginId: 'costly-schema',
      capability: `tool ${name}`,
      pointer: '',
      expected: 'schema validation to finish',
      found: expect.stringMatching(found),
    });
    expect(await host.tool('plain').call({})).toEqual({});
    expect(await host.tool('echo').call({ after: name })).toEqual({ after: name });
  });

  test('whose schema could be costly and is not for this value is called', async () => {
    // Its pause after the one before may not be over.
    const call = async (): Promise<unknown> => host.tool('pattern').call({ text: 'aaa' }).catch((error: Error) => error.message);
    let answer = await call();
    while (String(answer).includes('a recent timeout; retry in')) answer = await call();
    expect(answer).toEqual({});
  });

  test.each([
    ['nested-schema', 'nested', 'it is nested too deep'],
    ['slow-schema', 'slow', 'schema takes longer than 1000 ms to compile'],
  ])('whose schema cannot be compiled is refused when it registers: %s', async (id, tool, reason) => {
    const plugin = await loadIn(home, id);
    const registry = new PluginRegistry({ hostVersion: '1.0.0' });
    expect(await errorOf(registry.register(plugin))).toMatchObject({
      code: 'ERR_CAPABILITY_INVALID',
      pluginId: id,
      kind: 'tool',
      capabilityName: tool,
      member: 'spec',
      found: expect.stringContaining(reason),
    });
    expect(registry.get(id)).toBeUndefined();
    expect(await host.tool('echo').call({ after: id })).toEqual({ after: id });
  });
});
