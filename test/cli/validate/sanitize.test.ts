import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder, testWhere } from '../../support/fixtures.js';
import { cli, cliJson } from '../cli.js';
import { manifestWith } from './folders.js';

const has = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
const sanitizers = process.platform === 'linux' && has('cmake', '--version') && path.isAbsolute(spawnSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout?.trim() ?? '');

/** A CMake project with a tool that evaluates this expression of `size`, the size of its input, and `copy`, a copy of it. */
function projectWith(expression: string): string {
  const folder = path.join(temporaryFolder(), 'sample');
  mkdirSync(folder);
  const files = {
    'CMakeLists.txt': `cmake_minimum_required(VERSION 3.16)
project(sample LANGUAGES C)
find_package(aisopod-plugin CONFIG REQUIRED)
aisopod_add_plugin(sample SOURCES plugin.c MANIFEST aisopod.plugin.toml)
`,
    'aisopod.plugin.toml': manifestWith('', ''),
    'plugin.c': `#include <aisopod/plugin.h>
#include <stdlib.h>
#include <string.h>
AISOPOD_DEFINE_ABI();
static int32_t echo(void *data, const aisopod_request *request, aisopod_reply *reply) {
  size_t size = request->input_length;
  char *copy = (char *)malloc(size + 1);
  volatile int result;
  (void)data;
  if (copy == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  memcpy(copy, request->input, size);
  copy[size] = 0;
  result = (int)(${expression});
  (void)result;
  free(copy);
  return aisopod_reply_json(reply, "null");
}
static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  return aisopod_register_tool(host, "echo", "Says nothing", "{}", echo, self, reply);
}
static const aisopod_plugin plugin = {sizeof plugin, 0, NULL, "sample", NULL, register_capabilities, aisopod_no_init, aisopod_no_shutdown, NULL};
AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}

async function findingsOf(expression: string): Promise<{ readonly message: string; readonly details?: string }[]> {
  const { json } = await cliJson(['validate', projectWith(expression), '--sanitize', '--only', 'threads-not-joined']);
  return (json as { checks: { findings: { message: string; details?: string }[] }[] }).checks.flatMap(({ findings }) => findings);
}

const whereSanitizersAre = testWhere(sanitizers, 'CMake and gcc with AddressSanitizer, on Linux');

whereSanitizersAre('--sanitize finds a read behind allocated memory, and shows the line', async () => {
  const [found] = await findingsOf('copy[size + 1]');
  expect(found?.message).toMatch(/^A sanitizer found: heap-buffer-overflow .*plugin\.c:13 in echo, during: calling tool echo/);
  expect(found?.details).toMatch(/#0 .* in echo .*plugin\.c:13/);
  expect(found?.details).not.toMatch(/koffi\.node|Shadow bytes/);
});

whereSanitizersAre('--sanitize finds undefined behaviour', async () => {
  const [found] = await findingsOf('1 << ((int)size + 100)');
  expect(found?.message).toMatch(/^A sanitizer found: .*shift/);
});

whereSanitizersAre('--sanitize finds nothing in a good plugin', async () => {
  expect(await findingsOf('copy[size]')).toEqual([]);
});

test('--sanitize needs a project that CMake can build', async () => {
  const { code, stderr } = await cli(['validate', temporaryFolder(), '--sanitize']);
  expect(stderr).toMatch(/cmake failed|--sanitize needs Linux/);
  expect(code).toBe(1);
});
