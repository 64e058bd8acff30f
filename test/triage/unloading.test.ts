/** What the file of a library says about unmapping it. */
import { describe, expect, test } from '@jest/globals';
import { hostTarget, triage, type Triage } from '../../src/triage/index.js';
import { compile, findCompiler, PLUGIN_SOURCE } from './compile.js';
import { tempFolder } from './temp-folder.js';

const temp = tempFolder();
const cc = process.platform === 'linux' && hostTarget().libc?.flavour === 'glibc' ? findCompiler('cc', 'gcc', 'clang') : undefined;
const testWithGlibc = cc === undefined ? test.skip : test;
let count = 0;
const traitsOf = async (source: string, flags: readonly string[] = []): Promise<Triage['traits']> =>
  (await triage(compile(cc ?? '', `${source}\n${PLUGIN_SOURCE}`, temp.path(`libone${++count}.so`), flags))).traits;

describe('a library made by a C compiler of a system with glibc (needs one)', () => {
  testWithGlibc('may be unmapped if it imports only harmless functions of the C library', async () => {
    const source = '#include <stdio.h>\n#include <stdlib.h>\nstatic void end(void) { puts("end"); }\nint use(void) { return atexit(end); }\nstatic __thread int own;\nint get(void) { return ++own; }';
    expect(await traitsOf(source)).toMatchObject({ staysMapped: undefined, startsThreads: false, threadLocals: true });
  });

  testWithGlibc('shows that it may start threads', async () => {
    const source = '#include <pthread.h>\nint use(void *(*run)(void *)) { pthread_t made; return pthread_create(&made, 0, run, 0); }';
    expect(await traitsOf(source, ['-pthread'])).toMatchObject({ staysMapped: undefined, startsThreads: true });
  });

  testWithGlibc.each([
    ['a signal handler', '#include <signal.h>\nvoid use(void (*run)(int)) { signal(2, run); }', /signal handler \(it imports signal\)/],
    ['thread-specific data', '#include <pthread.h>\nstatic pthread_key_t key;\nint use(void (*end)(void *)) { return pthread_key_create(&key, end); }', /pthread_key_create/],
    ['a variable of the environment', '#include <stdlib.h>\nint use(char *text) { return putenv(text); }', /putenv/],
    ['other libraries that it opens', '#include <dlfcn.h>\nvoid *use(const char *name) { return dlopen(name, 1); }', /another library \(it imports dlopen\)/],
    ['a symbol that Node or the host may define', 'int uv_loop_alive(const void *);\nint use(const void *loop) { return uv_loop_alive(loop); }', /it imports uv_loop_alive/],
    ['static thread-local storage', '__attribute__((tls_model("initial-exec"))) static __thread int own;\nEXPORT_IT int get(void) { return ++own; }', /static thread-local/],
  ])('stays mapped for %s', async (_what, source, reason) => {
    const { staysMapped } = await traitsOf(source.replace('EXPORT_IT', '__attribute__((visibility("default")))'));
    expect(staysMapped).toMatch(reason);
  });

  testWithGlibc('stays mapped if it is linked so, or needs a library that may keep pointers into it', async () => {
    expect((await traitsOf('', ['-Wl,-z,nodelete'])).staysMapped).toMatch(/-z nodelete/);
    const helper = compile(cc ?? '', '__attribute__((visibility("default"))) int helper(void) { return 1; }', temp.path('libhelper.so'), ['-Wl,-soname,libhelper.so']);
    expect((await traitsOf('int helper(void);\nint use(void) { return helper(); }', [helper])).staysMapped).toMatch(/it needs libhelper\.so/);
  });

  testWithGlibc('stays mapped if the exit handlers that it registers do not run when it is closed', async () => {
    const source = '#include <stdlib.h>\nstatic void end(void) {}\nint use(void) { return atexit(end); }\nvoid *__dso_handle = 0;';
    expect((await traitsOf(source, ['-nostartfiles'])).staysMapped).toMatch(/exit handlers/);
  });
});
