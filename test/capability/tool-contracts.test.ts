import { describe, expect, test } from '@jest/globals';
import { toolContentOf } from '../../src/capability/tool-content.js';
import { readToolSpec } from '../../src/capability/tool-spec.js';
import type { Backend, InvokeOptions } from '../../src/invocation/backend.js';
import { makeTool, type Tool } from '../../src/capability/kinds/tool.js';
import { errorOf } from '../support/host.js';
import { activePlugin, answering, contextOf, found, gate } from './active-plugin.js';

const OBJECT = { type: 'object' };
const toolOf = (spec: unknown, backend: Backend): Tool => makeTool(contextOf('files', { kind: 'tool', name: 'measure', description: '', spec }, backend));

describe('the spec of a tool', () => {
  test('is the schema of the parameters, or an object that has it beside more', () => {
    expect(readToolSpec(undefined)).toEqual({ parameters: OBJECT, result: 'json' });
    expect(readToolSpec({ title: 'A schema', type: 'object' })).toEqual({ parameters: { title: 'A schema', type: 'object' }, result: 'json' });
    const full = { parameters: OBJECT, title: 'Measure', annotations: { readOnlyHint: true }, outputSchema: { properties: {} }, result: 'content' };
    expect(readToolSpec(full)).toEqual(full);
    expect(readToolSpec({ annotations: { idempotentHint: true } })).toMatchObject({ parameters: OBJECT, annotations: { idempotentHint: true }, result: 'json' });
    expect(readToolSpec({ title: 'Measure', result: 'content' })).toMatchObject({ title: 'Measure', parameters: OBJECT, result: 'content' });
  });

  test.each<[object, RegExp]>([
    [{ parameters: OBJECT, titel: 'x' }, /unknown key "titel" \(did you mean title\?\)/],
    [{ parameters: OBJECT, properties: {} }, /unknown key "properties"/],
    [{ parameters: OBJECT, title: '' }, /title: expected 1 to 256 characters, found ""/],
    [{ parameters: OBJECT, annotations: [] }, /annotations: expected an object/],
    [{ parameters: OBJECT, annotations: { readonlyHint: true } }, /unknown key "annotations.readonlyHint" \(did you mean readOnlyHint\?\)/],
    [{ parameters: OBJECT, annotations: { readOnlyHint: 'yes' } }, /annotations.readOnlyHint: expected a boolean, found "yes"/],
    [{ parameters: OBJECT, outputSchema: { type: 'array' } }, /a tool's outputSchema is an object: expected type "object", found "array"/],
    [{ parameters: { type: 'string' } }, /a tool's parameters are an object/],
    [{ parameters: 5 }, /object or a boolean/],
    [{ parameters: OBJECT, result: 'text' }, /result: expected "json" or "content", found "text"/],
  ])('%j is refused', (spec, reason) => {
    expect(() => readToolSpec(spec)).toThrow(reason);
  });
});

test('an output schema is checked by call and sync, not by callRaw', async () => {
  const outputSchema = { type: 'object', properties: { n: { type: 'number' } } };
  const tool = toolOf({ parameters: OBJECT, outputSchema }, { ...answering('{"n":"x"}'), invokeSync: () => '{"n":"x"}' });
  expect(await errorOf(tool.call({}))).toMatchObject({ code: 'ERR_INVALID_REPLY', pluginId: 'files', capability: 'tool measure', expected: 'a number at the result/n', found: '"x"' });
  expect(() => tool.sync?.({})).toThrow(expect.objectContaining({ code: 'ERR_INVALID_REPLY' }));
  expect(await tool.callRaw('{}')).toBe('{"n":"x"}');
});

test.each([
  ['no blocks', { content: {} }],
  ['a block without a type', { content: [{ text: 'a' }] }],
  ['a block of an unknown type', { content: [{ type: 'video', data: '' }] }],
  ['a block of an inherited type', { content: [{ type: 'constructor' }] }],
  ['text that is none', { content: [{ type: 'text', text: 5 }] }],
  ['a sound without a type', { content: [{ type: 'audio', data: 'aa' }] }],
  ['a resource without an address', { content: [{ type: 'resource', resource: { text: 'a' } }] }],
  ['a resource with two bodies', { content: [{ type: 'resource', resource: { uri: 'a:b', text: 'a', blob: 'aa' } }] }],
  ['a link without a name', { content: [{ type: 'resource_link', uri: 'a:b' }] }],
  ['isError that is no boolean', { content: [], isError: 'no' }],
  ['structuredContent that is no object', { content: [], structuredContent: [1] }],
])('content with %s is no content', async (_what, answer) => {
  const tool = toolOf({ parameters: OBJECT, result: 'content' }, answering(JSON.stringify(answer)));
  expect(await errorOf(tool.call({}))).toMatchObject({ code: 'ERR_INVALID_REPLY', expected: expect.stringContaining('a block of type text') });
});

test('content keeps blocks with resources and sounds, and members that it does not know', async () => {
  const answer = {
    content: [
      { type: 'resource', resource: { uri: 'file:///a', mimeType: 'text/plain', text: 'a' }, annotations: { audience: ['user'], priority: 1 } },
      { type: 'resource', resource: { uri: 'file:///b', blob: 'aa' } },
      { type: 'audio', data: 'aa', mimeType: 'audio/wav', _meta: { x: 1 } },
      { type: 'resource_link', uri: 'file:///c', name: 'c', size: 5 },
    ],
    _meta: { y: 2 },
  };
  expect(await toolOf({ parameters: OBJECT, result: 'content' }, answering(JSON.stringify(answer))).call({})).toEqual(answer);
});

test.each([
  [{ a: 1 }, { content: [{ type: 'text', text: '{"a":1}' }], structuredContent: { a: 1 } }],
  ['text', { content: [{ type: 'text', text: 'text' }] }],
  [[1], { content: [{ type: 'text', text: '[1]' }] }],
  [null, { content: [{ type: 'text', text: 'null' }] }],
])('a JSON result as content: %j', (result, content) => {
  expect(toolContentOf({ result: 'json' }, result)).toEqual(content);
  expect(toolContentOf({ result: 'content' }, content)).toBe(content);
});

test.each(['5', '{}', '{"progress":"1"}', '{"progress":1,"total":"2"}', '{"progress":1,"message":5}', '[]', '{', new Uint8Array(2)])('progress that is none ends the call: %j', async (data) => {
  const backend: Backend = {
    async invoke(_method, _input, { onChunk }: InvokeOptions) {
      await onChunk?.({ tag: 'progress', data });
      return 'null';
    },
  };
  expect(await errorOf(toolOf(undefined, backend).call({}, { onProgress: () => undefined }))).toMatchObject({ code: 'ERR_INVALID_REPLY' });
});

test('a tool in JavaScript has all of it, and waits for who gets its progress', async () => {
  const steps: string[] = [];
  const registry = await activePlugin((api) =>
    api.registerTool({
      name: 'draw',
      title: 'Draw',
      annotations: { destructiveHint: false },
      outputSchema: { type: 'object', required: ['dots'] },
      result: 'content',
      async call(_params, { progress, emit }) {
        await progress({ progress: 1, total: 2, message: 'half' });
        steps.push('told');
        await emit({ part: 1 });
        return { content: [{ type: 'text', text: 'done' }], structuredContent: { dots: 3 } };
      },
    }),
  );
  const tool = found(registry, 'tool', 'draw');
  expect(tool).toMatchObject({ title: 'Draw', annotations: { destructiveHint: false }, outputSchema: { required: ['dots'] }, result: 'content', parameters: OBJECT });
  const held = gate();
  const onProgress = async (report: unknown): Promise<void> => {
    steps.push(JSON.stringify(report));
    await held.promise;
    steps.push('taken');
  };
  const call = tool.call({}, { onProgress, onChunk: (chunk) => void steps.push(JSON.stringify(chunk)) });
  await new Promise(setImmediate);
  held.open();
  expect(await call).toEqual({ content: [{ type: 'text', text: 'done' }], structuredContent: { dots: 3 } });
  expect(steps).toEqual(['{"progress":1,"total":2,"message":"half"}', 'taken', 'told', '{"part":1}']);
});
