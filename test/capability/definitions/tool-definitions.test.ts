import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FORMATS, type ToolFormat } from '../../../src/capability/definitions/formats.js';
import { toolDefinitions } from '../../../src/capability/definitions/tool-definitions.js';
import type { Tool } from '../../../src/capability/kinds/tool.js';
import { open, plain } from '../../host/host.js';
import { projectRoot } from '../../support/fixtures.js';
import { activate } from '../active-plugin.js';

interface Fields {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}
type Api = Readonly<{ source: string; tool: Fields; function?: Fields; annotations?: Fields; name: string }>;

/** The field names of the published types of each API. */
const APIS = JSON.parse(readFileSync(path.join(projectRoot, 'test/capability/definitions/api-types.json'), 'utf8')) as Record<ToolFormat, Api>;

const NAMES = ['mcp', 'openai', 'anthropic'] as const;

const SEARCH = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] };

async function tools(): Promise<readonly Tool[]> {
  const registry = await activate([
    {
      id: 'web.search',
      register(api) {
        api.registerTool({
          name: 'search',
          title: 'Search',
          description: 'Searches the web',
          parameters: SEARCH,
          annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
          outputSchema: { properties: { hits: { type: 'array' } } },
          call: (params) => params,
        });
        api.registerTool({ name: 'plain', call: () => null });
        api.registerTool({ name: 'anything', parameters: true, call: () => null });
        api.registerTool({ name: 'nothing_or_object', parameters: { type: ['object', 'null'] }, call: () => null });
      },
    },
  ]);
  return registry.capabilities('tool');
}

const toolOf = (pluginId: string, name: string): Tool => ({ pluginId, name, description: '', parameters: true }) as unknown as Tool;

const nameOf = (definition: object): string => ('function' in definition ? (definition.function as { name: string }).name : (definition as { name: string }).name);

function expectFields(object: object, { required, optional }: Fields): void {
  const found = Object.keys(object);
  expect(required.filter((name) => !found.includes(name))).toEqual([]);
  expect(found.filter((name) => !required.includes(name) && !optional.includes(name))).toEqual([]);
}

test('there is a table of published fields for each format', () => {
  expect(Object.keys(FORMATS)).toEqual(NAMES);
  expect(Object.keys(APIS)).toEqual(NAMES);
});

describe.each(NAMES)('%s', (format) => {
  test('has the fields of the published types, and no others', async () => {
    const { tools: definitions } = toolDefinitions(await tools(), format);
    expect(definitions).toHaveLength(4);
    for (const definition of definitions as readonly unknown[] as readonly Readonly<Record<string, object>>[]) {
      const api = APIS[format];
      expectFields(definition, api.tool);
      if (api.function !== undefined) expectFields(definition.function ?? {}, api.function);
      if (definition.annotations !== undefined) expectFields(definition.annotations, api.annotations ?? { required: [], optional: [] });
    }
  });

  test('names are legal and unique, also beside the own tools of a host, and lead back', async () => {
    const all = await tools();
    const taken = ['plain', 'plain_2'];
    const short = toolDefinitions(all, format, { taken });
    const long = toolDefinitions(all, format, { prefix: true });
    expect(short.tools.map(nameOf)).toEqual(['search', 'plain_3', 'anything', 'nothing_or_object']);
    expect(long.tools.map(nameOf)).toEqual(['web_search__search', 'web_search__plain', 'web_search__anything', 'web_search__nothing_or_object']);
    const legal = new RegExp(APIS[format].name);
    for (const { tools: definitions, find } of [short, long]) {
      expect(definitions.map(nameOf).filter((name) => !legal.test(name))).toEqual([]);
      expect(definitions.map((definition) => find(nameOf(definition)))).toEqual([...all]);
    }
  });

  test('names that become the same are told apart, however long they are', () => {
    const pairs = [['a.b', 'c'], ['a_b', 'c'], ['a', 'b__c'], ['a__b', 'c'], ['x.'.repeat(30), 't'.repeat(64)], ['x_'.repeat(30), 't'.repeat(64)]] as const;
    const all = pairs.map(([pluginId, name]) => toolOf(pluginId, name));
    const { tools: definitions, find } = toolDefinitions(all, format, { prefix: true, taken: ['a_b__c_2'] });
    const names = definitions.map(nameOf);
    expect(names).toEqual(['a_b__c', 'a_b__c_3', 'a__b__c', 'a__b__c_2', `${'x_'.repeat(30)}__tt`, `${'x_'.repeat(30)}___2`]);
    expect(names.filter((name) => name.length > 64)).toEqual([]);
    expect(names.map(find)).toEqual(all);
  });

  test('a long name is cut, and stays unique', () => {
    const { tools: definitions, find } = toolDefinitions([60, 61, 62].map((length) => toolOf('a'.repeat(length), 't'.repeat(64))), format, { prefix: true });
    const text = JSON.stringify(definitions);
    for (const name of [`${'a'.repeat(60)}__tt`, `${'a'.repeat(61)}__t`, `${'a'.repeat(62)}__`]) {
      expect(text).toContain(`"${name}"`);
      expect(find(name)?.pluginId).toBe(name.replace(/__t*$/, ''));
    }
  });

  test('each schema is that of an object', async () => {
    const { tools: definitions } = toolDefinitions(await tools(), format);
    const schemas = (definitions as readonly unknown[] as readonly Readonly<Record<string, unknown>>[]).map(
      (definition) => definition.inputSchema ?? definition.input_schema ?? (definition.function as { parameters: unknown }).parameters,
    );
    const any = { type: 'object', properties: {} };
    expect(schemas).toEqual([SEARCH, any, any, any]);
  });

  test('what is no call, and a name that nobody has, are typed errors', async () => {
    const { read } = toolDefinitions(await tools(), format);
    for (const call of [undefined, null, 5, 'search', [], {}, { name: 5, input: {}, arguments: {} }, { function: { name: 5, arguments: '{}' } }]) {
      expect(() => read(call)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_PARAMETERS' }));
    }
    const other = { name: 'other', input: {}, arguments: '{}', function: { name: 'other', arguments: '{}' } };
    expect(() => read(other)).toThrow(expect.objectContaining({ code: 'ERR_CAPABILITY_NOT_FOUND', capability: 'tool other' }));
  });
});

test('calls of each API lead to the tool and its parameters', async () => {
  const all = await tools();
  const [search, plainTool] = all;
  const { read: openai } = toolDefinitions(all, 'openai');
  const params = { text: 'cats' };
  expect(openai({ id: 'call_1', type: 'function', function: { name: 'search', arguments: '{"text":"cats"}' } })).toEqual({ tool: search, params, id: 'call_1' });
  expect(openai({ type: 'function_call', call_id: 'call_2', id: 'fc_1', name: 'search', arguments: '{"text":"cats"}' })).toEqual({ tool: search, params, id: 'call_2' });
  expect(openai({ id: 'call_3', function: { name: 'plain', arguments: '' } })).toEqual({ tool: plainTool, params: {}, id: 'call_3' });
  expect(() => openai({ id: 'call_4', function: { name: 'search', arguments: '{"text":' } })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_PARAMETERS', capability: 'tool search', pluginId: 'web.search', expected: 'JSON' }),
  );
  expect(toolDefinitions(all, 'anthropic').read({ type: 'tool_use', id: 'toolu_1', name: 'search', input: params })).toEqual({ tool: search, params, id: 'toolu_1' });
  expect(toolDefinitions(all, 'mcp').read({ name: 'search', arguments: params })).toEqual({ tool: search, params });
  expect(toolDefinitions(all, 'mcp').read({ name: 'plain' })).toEqual({ tool: plainTool, params: {} });
});

test('mcp has title, annotations and the output schema', async () => {
  const [search, plainTool] = toolDefinitions(await tools(), 'mcp').tools;
  expect(search).toEqual({
    name: 'search',
    title: 'Search',
    description: 'Searches the web',
    inputSchema: SEARCH,
    outputSchema: { type: 'object', properties: { hits: { type: 'array' } } },
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  });
  expect(plainTool).toEqual({ name: 'plain', inputSchema: { type: 'object', properties: {} } });
});

test('a host has them; a wrong format or option is a typed error', async () => {
  const host = await open({ plugins: [plain('clock')] });
  const { tools: definitions, read } = host.toolDefinitions('anthropic', { prefix: true });
  expect(definitions).toEqual([{ name: 'clock__clock', input_schema: { type: 'object', properties: {} } }]);
  const { tool, params } = read({ type: 'tool_use', id: 't', name: 'clock__clock', input: {} });
  expect(await tool.call(params)).toEqual({});
  expect(() => host.toolDefinitions('gemini' as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS', option: 'format' }));
  expect(() => host.toolDefinitions('mcp', { taken: 'a' } as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS', option: 'taken' }));
  expect(() => host.toolDefinitions('mcp', { prefx: true } as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS', option: 'prefx', nearest: 'prefix' }));
});
