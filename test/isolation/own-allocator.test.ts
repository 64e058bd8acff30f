/** A plugin that exports an allocator of its own: what libc allocates for it must be freed by the same allocator. */
import { beforeAll, describe, expect } from '@jest/globals';
import { mappedLibc } from '../../src/machine/libc-flavour.js';
import { Trace } from '../../src/report/trace.js';
import { compileBundled, compilePlugin, beside } from '../support/compile-plugin.js';
import { temporaryFolder, testWhere } from '../support/fixtures.js';
import { candidateOf, loaderOf } from '../support/host.js';
import { openIn } from './homes.js';

const ALLOCATOR = `
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#define EXPORT __attribute__((visibility("default")))
static char arena[1 << 20];
static size_t used;
static int is_own(void *p) { return (char *)p >= arena && (char *)p < arena + sizeof arena; }
EXPORT void *malloc(size_t size) {
  size_t need = (size + 31) & ~(size_t)15;
  size_t at = __atomic_fetch_add(&used, need, __ATOMIC_SEQ_CST);
  if (at + need > sizeof arena) return NULL;
  *(size_t *)(arena + at) = size;
  return arena + at + 16;
}
EXPORT void free(void *p) { if (p != NULL && !is_own(p)) abort(); }
EXPORT void *calloc(size_t count, size_t size) { void *p = malloc(count * size); if (p != NULL) memset(p, 0, count * size); return p; }
EXPORT void *realloc(void *p, size_t size) { if (p != NULL && !is_own(p)) abort(); return malloc(size); }
`;
const ANSWER = `
static int32_t answer(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char *copy = strdup("\\"fits\\"");
  int32_t status = aisopod_reply_json(reply, copy);
  (void)data; (void)request;
  free(copy);
  return status;
}`;

const pluginDir = temporaryFolder();
const onLinux = process.platform === 'linux';

beforeAll(() => {
  if (!onLinux) return;
  // clang calls a function of the same library without asking the loader, unless it is told not to.
  compilePlugin(pluginDir, 'exports-malloc', { source: ALLOCATOR + ANSWER, flags: ['-fsemantic-interposition'] });
  const folder = `${pluginDir}/bundles-malloc`;
  compileBundled(folder, 'libownmalloc.so', ALLOCATOR);
  compilePlugin(pluginDir, 'bundles-malloc', { source: ANSWER, flags: beside(folder, 'ownmalloc') });
});

describe.each(['in-process', 'process'] as const)('%s', (home) => {
  testWhere(onLinux, 'only Linux has RTLD_DEEPBIND')('strdup and free fit together, whether the plugin or a bundled library exports them', async () => {
    const host = await openIn(home, ['exports-malloc', 'bundles-malloc'], { pluginDirs: [pluginDir] });
    expect(await host.tool('exports-malloc').call({})).toBe('fits');
    expect(await host.tool('bundles-malloc').call({})).toBe('fits');
  });
});

testWhere(onLinux, 'only Linux has RTLD_DEEPBIND')('the trace says how it is opened, and why', async () => {
  const loader = loaderOf({ pluginDirs: [pluginDir] });
  const trace = new Trace();
  await loader.loadPlugin(await candidateOf(loader, 'exports-malloc'), { trace });
  expect(trace.entries).toContainEqual(expect.objectContaining({ step: 'triage', found: expect.stringContaining('opened without RTLD_DEEPBIND') }));
});

testWhere(mappedLibc()?.flavour !== 'musl', 'musl has no RTLD_DEEPBIND')('a plugin without an allocator keeps its own names', async () => {
  const host = await openIn('process', ['own-deflate']);
  expect(await host.tool('own_names').call({})).toMatchObject({ deflate: 'own' });
});
