import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PluginError } from '../../src/errors/index.js';
import { HOOK_NAMES } from '../../src/manifest/index.js';
import { DynamicPluginLoader } from '../../src/loader/dynamic-plugin-loader.js';
import { PluginRegistry } from '../../src/registry/plugin-registry.js';
import { build, configure } from '../native/cmake.js';
import { temporaryFolder } from '../support/fixtures.js';
import { placeOf, type Block } from './blocks.js';

/** Everything that an excerpt may register. */
const manifestOf = (library: string): string => `[plugin]
id = "example"
name = "Example"
version = "1.0.0"
description = "A block of the documentation"
author = "aisopod-plugin"
entry_point = "${library}"

[capabilities]
tools = ["example"]
commands = ["example"]
hooks = ${JSON.stringify(HOOK_NAMES)}
channels = ["example"]
providers = ["example"]
`;

/** The parts of a plugin that a block may leave out, by the name that tells whether it has them. */
const partsOf = (tool: string | undefined): Record<string, string> => ({
  register_capabilities: `static int32_t register_capabilities(void *self, const aisopod_host *its_host, aisopod_reply *reply) {
  (void)self; (void)its_host; (void)reply;
  return ${tool === undefined ? 'AISOPOD_OK' : `aisopod_register_tool(its_host, "example", "An example", NULL, ${tool}, NULL, reply)`};
}`,
  init_plugin: `static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self; (void)reply;
  host = init->host;
  return AISOPOD_OK;
}`,
  shutdown_plugin: `static int32_t shutdown_plugin(void *self, aisopod_reply *reply) { (void)self; (void)reply; return AISOPOD_OK; }`,
  aisopod_plugin_create: `static const aisopod_plugin plugin = {(uint32_t)sizeof(aisopod_plugin), 0, NULL, "example", NULL,
    register_capabilities, init_plugin, shutdown_plugin, NULL};
AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }`,
});

/** A block and what it leaves out of a plugin. `host` is what init was given. */
function wholePlugin({ text, file, line, tags }: Block): string {
  // plugin.hpp defines every part.
  const isWhole = text.includes('AISOPOD_PLUGIN(');
  const has = (part: string): boolean => isWhole || new RegExp(`\\b${part}\\b`).test(text);
  const abi = has('AISOPOD_DEFINE_ABI') || has('aisopod_plugin_abi_version') ? '' : 'AISOPOD_DEFINE_ABI();';
  const missing = Object.entries(partsOf(tags.tool)).filter(([name]) => !has(name));
  return `#include <aisopod/plugin.h>
#include <stdlib.h>
#include <string.h>
${abi}
${isWhole ? '' : 'static const aisopod_host *host;'}
#line ${line} "${file}"
${text}
#line 1 "what every plugin has"
${missing.map(([, code]) => code).join('\n')}
`;
}

const CMAKE_START = `cmake_minimum_required(VERSION 3.16...4.0)
project(documentation LANGUAGES C CXX)
set(CMAKE_C_STANDARD 99)
set(CMAKE_CXX_STANDARD 17)
find_package(Threads REQUIRED)
find_package(aisopod-plugin CONFIG REQUIRED)
if(MSVC)
  add_compile_options(/W4 /WX /utf-8 /wd4505 /wd4100 /wd4189)
else()
  add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wno-unused-function -Wno-unused-variable -Wno-unused-parameter)
endif()
`;

/** Builds every block as a plugin of its own, all in one go. Returns a function that gives each one's plugin folder. */
export function buildBlocks(blocks: readonly Block[]): (block: Block) => string {
  const folder = temporaryFolder();
  const libraryOf = (block: Block): string => `example-${blocks.indexOf(block)}`;
  const calls = blocks.map((block) => {
    const name = libraryOf(block);
    const source = `${name}/plugin.${block.language}`;
    mkdirSync(path.join(folder, name));
    writeFileSync(path.join(folder, source), wholePlugin(block));
    writeFileSync(path.join(folder, name, 'aisopod.plugin.toml'), manifestOf(name));
    return `aisopod_add_plugin(${name} SOURCES ${source} MANIFEST ${name}/aisopod.plugin.toml OUTPUT_DIR plugins/${name})
target_link_libraries(${name} PRIVATE Threads::Threads)\n`;
  });
  writeFileSync(path.join(folder, 'CMakeLists.txt'), CMAKE_START + calls.join(''));
  const built = configure(folder, ['-DCMAKE_BUILD_TYPE=Release']);
  build(built);
  return (block) => path.join(built, 'plugins', libraryOf(block));
}

/** Takes the plugin in `folder` through its whole life, and calls the tool of the block. Throws unless it ends as the tags say. */
export async function runNative(block: Block, folder: string): Promise<void> {
  const { tags } = block;
  const ended = await liveAndCall(folder, tags).catch((error: unknown) => {
    if (error instanceof PluginError && error.code === tags.expect) return undefined;
    throw error;
  });
  if (tags.expect === undefined || ended === undefined) return;
  if (tags.expect.startsWith('ERR_')) throw new Error(`${placeOf(block)}: expected ${tags.expect}, and all went well`);
  if (JSON.stringify(JSON.parse(tags.expect)) !== JSON.stringify(ended.answer)) {
    throw new Error(`${placeOf(block)}: expected ${tags.expect}, found ${JSON.stringify(ended.answer)}`);
  }
}

/** A block may register the tool itself; then an answer is what tells that it is to be called. */
const callsTool = ({ tool, expect = 'ERR_' }: Block['tags']): boolean => tool !== undefined || !expect.startsWith('ERR_');

async function liveAndCall(folder: string, tags: Block['tags']): Promise<{ readonly answer: unknown }> {
  const scanned = temporaryFolder();
  cpSync(folder, path.join(scanned, 'plugin'), { recursive: true });
  const loader = new DynamicPluginLoader({ pluginDirs: [scanned], hostVersion: '1.0.0' });
  await using registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir: temporaryFolder() });
  const { refused } = await loader.loadAll(registry);
  const { failed } = await registry.initAll();
  const problem = refused[0]?.error ?? failed[0]?.error;
  if (problem !== undefined) throw problem;
  if (!callsTool(tags)) return { answer: null };
  const timeout = tags.timeout === undefined ? {} : { timeoutMs: Number(tags.timeout) };
  return { answer: await registry.tool('example')?.call(JSON.parse(tags.input ?? '{}') as unknown, timeout) };
}

