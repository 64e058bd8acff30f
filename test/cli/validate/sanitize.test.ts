import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { isMusl } from '../../support/libc.js';
import { cli } from '../cli.js';
import { manifestWith } from './folders.js';

const has = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
const hasLibrary = (name: string): boolean => path.isAbsolute(spawnSync('gcc', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout?.trim() ?? '');
const sanitizers = process.platform === 'linux' && has('cmake', '--version') && hasLibrary('libasan.so') && !isMusl;

/** A CMake project with a tool that evaluates this expression of `size`, the size of its input, `copy`, a copy of it, and a counter. */
function projectWith(expression: string, flags = '0'): string {
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
AISOPOD_DEFINE_ABI(); static int plain; static uint32_t atomic; static void count(void) { plain++; }
static int32_t echo(void *data, const aisopod_request *request, aisopod_reply *reply) {
  size_t size = request->input_length;
  char *copy = (char *)malloc(size + 1);
  volatile int result;
  (void)data; (void)count; (void)atomic;
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
static const aisopod_plugin plugin = {sizeof plugin, ${flags}, NULL, "sample", NULL, register_capabilities, aisopod_no_init, aisopod_no_shutdown, NULL};
AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}

interface Found {
  readonly message: string;
  readonly details?: string;
}

/** What these checks find in the project. Without an error of the command. */
async function findingsIn(project: string, ...checks: string[]): Promise<Found[]> {
  const { stdout, stderr } = await cli(['validate', project, '--sanitize', '--json', ...checks.flatMap((id) => ['--only', id])]);
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as { checks: { findings: Found[] }[] }).checks.flatMap(({ findings }) => findings);
}

const findingsOf = (expression: string): Promise<Found[]> => findingsIn(projectWith(expression), 'threads-not-joined');

const whereSanitizersAre = testWhere(sanitizers, 'CMake and gcc with AddressSanitizer, on Linux with glibc');

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

const raceTest = testWhere(sanitizers && hasLibrary('libtsan.so'), 'CMake and gcc with ThreadSanitizer, on Linux');
const THREAD_CHECKS = ['calls-at-once', 'calls-on-any-thread', 'inline-beside-others', 'threads-not-joined'];

raceTest('--sanitize finds a race of a plugin that says it is THREAD_SAFE, however short it is', async () => {
  const [found, ...more] = await findingsIn(projectWith('(count(), 0)', 'AISOPOD_PLUGIN_THREAD_SAFE'), 'calls-at-once');
  expect(more).toEqual([]);
  expect(found?.message).toMatch(/^A sanitizer found: data race, in count \(plugin\.c:\d+\)\.$/);
  expect(found?.details).toMatch(/Previous (?:read|write) of size 4/);
});

raceTest('--sanitize finds no race in a plugin that counts with atomics, or is called by one thread at a time', async () => {
  expect(await findingsIn(projectWith('__atomic_add_fetch(&atomic, 1, __ATOMIC_RELAXED)', 'AISOPOD_PLUGIN_THREAD_SAFE'), ...THREAD_CHECKS)).toEqual([]);
  expect(await findingsIn(projectWith('(count(), 0)'), ...THREAD_CHECKS)).toEqual([]);
});

raceTest('--sanitize finds no race in good-c, which is THREAD_SAFE, with INLINE capabilities and threads of its own', async () => {
  const fixture = path.join(projectRoot, 'native-fixtures/good-c');
  const project = temporaryFolder();
  const sources = ['plugin.c', 'jobs.c', 'immediate.c', 'pending.c', 'kinds.c'].map((name) => `"${path.join(fixture, name)}"`).join(' ');
  writeFileSync(
    path.join(project, 'CMakeLists.txt'),
    `cmake_minimum_required(VERSION 3.16)
project(good LANGUAGES C)
find_package(aisopod-plugin CONFIG REQUIRED)
find_package(Threads REQUIRED)
aisopod_add_plugin(good-c SOURCES ${sources} MANIFEST "${fixture}/aisopod.plugin.toml" FILES "${fixture}/config.schema.json")
target_include_directories(good-c PRIVATE "${path.join(fixture, '../common')}")
target_compile_definitions(good-c PRIVATE FIXTURE_ID="good-c" _POSIX_C_SOURCE=200809L)
target_link_libraries(good-c PRIVATE Threads::Threads)
`,
  );
  expect(await findingsIn(project, ...THREAD_CHECKS)).toEqual([]);
});

test('--sanitize needs a project that CMake can build', async () => {
  const { code, stderr } = await cli(['validate', temporaryFolder(), '--sanitize']);
  expect(stderr).toMatch(/cmake failed|--sanitize needs Linux/);
  expect(code).toBe(1);
});
