import { describe, expect } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readLibraryFile } from '../../src/triage/read-library.js';
import { blocksOf, documents } from '../docs/blocks.js';
import { run } from '../package/run.js';
import { isZig, libraryFileName, temporaryFolder, testWhere } from '../support/fixtures.js';
import { isInstalled } from './cmake.js';
import { includeDir } from './header-text.js';

/** With optimisation: some warnings come from there only. */
const STRICT = ['-O2', '-Wall', '-Wextra', '-Wpedantic', '-Werror', `-I${includeDir}`];
const SHARED = ['-shared', '-fPIC', '-fvisibility=hidden', `-I${includeDir}`];
const EXPORTS = ['aisopod_plugin_abi_version', 'aisopod_plugin_create', 'aisopod_plugin_note'];

/** Valid C99 and C++11. Uses every helper, since what is never called is hardly checked. */
const PLUGIN = `
#include <aisopod/plugin.h>
AISOPOD_DEFINE_ABI();

static void release(void *argument, const void *owned) { (void)argument; (void)owned; }

static int32_t invoke(void *data, const aisopod_request *request, aisopod_reply *reply) {
  const aisopod_host *host = (const aisopod_host *)data;
  aisopod_ticket ticket = aisopod_ticket_of(host, request);
  if (aisopod_cancelled(request) || aisopod_ticket_cancelled(&ticket)) return aisopod_fail(reply, AISOPOD_E_CANCELLED, "stop");
  if (aisopod_has_room(request) && aisopod_ticket_has_room(&ticket))
    aisopod_emit(host, ticket.invocation, AISOPOD_TAG_NONE, request->input, request->input_length);
  aisopod_log_text(host, AISOPOD_LOG_INFO, "invoked");
  if (aisopod_context(request).length > 0) {
    char agent[64];
    return aisopod_context_text(request, "agentId", agent, sizeof agent) > 0 ? aisopod_reply_text(reply, agent) : AISOPOD_E_INVALID;
  }
  if (request->format == AISOPOD_FORMAT_BYTES) return aisopod_complete(host, ticket.invocation, AISOPOD_OK, "{}", 2);
  if (request->input_length > reply->capacity) return aisopod_reply_owned(reply, request->input, 1, release, NULL);
  return aisopod_reply_json(reply, "{}");
}

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  int32_t status = aisopod_register_tool(host, "tool", NULL, NULL, invoke, self, reply);
  if (status > 0) status = aisopod_register_command(host, "command", NULL, NULL, invoke, self, reply);
  if (status > 0) status = aisopod_register_hook(host, "OnGatewayStart", invoke, self, reply);
  if (status > 0) status = aisopod_register_channel(host, "channel", NULL, invoke, self, reply);
  if (status > 0) status = aisopod_register_provider(host, "provider", NULL, invoke, self, reply);
  return status;
}

static int32_t init(void *self, const aisopod_init *with, aisopod_reply *reply) {
  (void)self; (void)with; (void)reply;
  return AISOPOD_OK;
}

static int32_t shutdown(void *self, aisopod_reply *reply) {
  (void)self; (void)reply;
  return AISOPOD_OK;
}

static const aisopod_plugin plugin = {
    (uint32_t)sizeof(aisopod_plugin), AISOPOD_PLUGIN_THREAD_SAFE, NULL, "sample", NULL, register_capabilities, init, shutdown, NULL};

AISOPOD_EXTERN_C_BEGIN
AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
AISOPOD_EXTERN_C_END
`;
const OTHER_FILE = `
#include <aisopod/plugin.h>
AISOPOD_EXTERN_C_BEGIN
int32_t other(const aisopod_host *host);
int32_t other(const aisopod_host *host) { return aisopod_log_text(host, AISOPOD_LOG_DEBUG, aisopod_plugin_note.size ? "a" : "b"); }
AISOPOD_EXTERN_C_END
`;

const onPosix = process.platform !== 'win32';

/** The system's own compilers are a must on POSIX: there the test runs, and fails, where they are missing. */
function testWith(compiler: string): ReturnType<typeof testWhere> {
  const isSystems = onPosix && (compiler === 'cc' || compiler === 'c++');
  return testWhere(isSystems || isInstalled(compiler), `${compiler} is not installed`);
}

function sources(): string {
  const folder = temporaryFolder();
  for (const extension of ['c', 'cpp']) {
    writeFileSync(path.join(folder, `plugin.${extension}`), PLUGIN);
    writeFileSync(path.join(folder, `other.${extension}`), OTHER_FILE);
  }
  return folder;
}

async function factsOf(library: string): Promise<{ exports: string[]; abi: number | undefined }> {
  const facts = await readLibraryFile(library, process.arch);
  return { exports: facts.exports.filter((name) => name.startsWith('aisopod_')).sort(), abi: facts.note?.abiVersion };
}

describe('the header compiles without a warning', () => {
  for (const compiler of ['cc', 'gcc', 'clang']) {
    for (const standard of ['c99', 'c11', 'c17']) {
      testWith(compiler)(`${compiler} -std=${standard}`, () => {
        run(compiler, [...STRICT, `-std=${standard}`, '-c', 'plugin.c'], sources());
      });
    }
  }
  for (const compiler of ['c++', 'g++', 'clang++']) {
    for (const standard of ['c++11', 'c++17']) {
      testWith(compiler)(`${compiler} -std=${standard}`, () => {
        run(compiler, [...STRICT, `-std=${standard}`, '-c', 'plugin.cpp'], sources());
      });
    }
  }

  testWith('cc')('and the strict flags do catch a mistake', () => {
    const folder = sources();
    writeFileSync(path.join(folder, 'plugin.c'), `${PLUGIN}static int unused;\n`);
    expect(() => run('cc', [...STRICT, '-std=c99', '-c', 'plugin.c'], folder)).toThrow('unused');
  });
});

describe('the C files of the documentation compile without a warning', () => {
  const files = documents().flatMap(blocksOf).filter(({ tags }) => tags.file?.endsWith('.c'));
  const compilers = [
    ...['cc', 'gcc', 'clang'].map((compiler) => ({ compiler, flags: ['-std=c99'] })),
    ...['c++', 'g++', 'clang++'].map((compiler) => ({ compiler, flags: ['-x', 'c++', '-std=c++17'] })),
  ];
  for (const { compiler, flags } of compilers) {
    testWith(compiler)(`${compiler} ${flags.join(' ')}`, () => {
      expect(files.map(({ tags }) => tags.file)).toContain('hello.c');
      // C++ has designated initializers since C++20 only; README's plugin does without.
      for (const { text } of flags.includes('c++') ? files.filter(({ file }) => file === 'README.md') : files) {
        const folder = temporaryFolder();
        writeFileSync(path.join(folder, 'block.c'), text);
        run(compiler, [...STRICT, ...flags, '-c', 'block.c'], folder);
      }
    });
  }
});

describe('a library made with the header', () => {
  const library = libraryFileName('sample');

  testWith('cc')('may include it in two C files', async () => {
    const folder = sources();
    run('cc', [...SHARED, '-std=c99', 'plugin.c', 'other.c', '-o', library], folder);
    expect(await factsOf(path.join(folder, library))).toEqual({ exports: EXPORTS, abi: 1 });
  });

  testWith('c++')('may include it in a C and a C++ file', async () => {
    const folder = sources();
    run('cc', [...SHARED, '-c', '-std=c99', 'other.c', '-o', 'other.o'], folder);
    run('c++', [...SHARED, '-std=c++11', 'plugin.cpp', 'other.o', '-o', library], folder);
    expect(await factsOf(path.join(folder, library))).toEqual({ exports: EXPORTS, abi: 1 });
  });

  for (const compiler of ['c++', 'g++', 'clang++']) {
    testWith(compiler)(`exports note and functions unmangled from C++17 with hidden visibility (${compiler})`, async () => {
      const folder = sources();
      run(compiler, [...SHARED, '-std=c++17', '-fvisibility-inlines-hidden', 'plugin.cpp', '-o', library], folder);
      expect(await factsOf(path.join(folder, library))).toEqual({ exports: EXPORTS, abi: 1 });
    });
  }
});

/** Zig's translate-c makes an undefined function of what uses an atomic builtin. */
describe('translated to Zig', () => {
  const helpers = '#include <aisopod/plugin.h>\nint stop(const aisopod_request *r);\nint stop(const aisopod_request *r) { return aisopod_cancelled(r); }\n';
  const preprocess = (compiler: string, flags: readonly string[]): string => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'helpers.c'), helpers);
    return run(compiler, [...flags, `-I${includeDir}`, '-E', 'helpers.c'], folder);
  };

  testWith('cc')('the helpers use no atomic builtin where Aro translates', () => {
    expect(preprocess('cc', ['-D__ARO_EMULATE__=2'])).not.toContain('__atomic');
  });

  testWith('clang')('the helpers use no atomic builtin where clang translates, and one under the thread sanitizer', () => {
    if (process.platform !== 'darwin') expect(preprocess('clang', [])).not.toContain('__atomic');
    expect(preprocess('clang', ['-fsanitize=thread'])).toContain('__atomic_load_n');
  });

  testWhere(isInstalled('gcc') && !isZig, 'Zig: the gcc here is Zig, which translates')('compilers proper use the atomic builtin', () => {
    expect(preprocess('gcc', [])).toContain(process.platform === 'darwin' ? 'aisopod' : '__atomic_load_n');
  });

  const hasZig = spawnSync('zig', ['version']).status === 0;
  testWhere(hasZig, 'zig is not installed')('every helper has a body', () => {
    const translated = run('zig', ['translate-c', `-I${includeDir}`, path.join(includeDir, 'aisopod', 'plugin.h')], temporaryFolder());
    expect(translated).not.toContain('demoted to extern');
    expect(translated).toMatch(/pub fn aisopod_load_word/);
  });
});

/** clang's link-time optimisation wants lld, unless the system's own linker is LLVM's, as on macOS. */
const LTO_COMPILERS = [
  { compiler: 'cc', needs: 'cc', flags: [] },
  { compiler: 'c++', needs: 'c++', flags: [] },
  { compiler: 'clang', needs: process.platform === 'darwin' ? 'clang' : 'ld.lld', flags: process.platform === 'darwin' ? [] : ['-fuse-ld=lld'] },
];

describe('the note', () => {
  const library = libraryFileName('sample');
  const collect = process.platform === 'darwin' ? '-Wl,-dead_strip' : '-Wl,--gc-sections';

  for (const { compiler, needs, flags } of LTO_COMPILERS) {
    const available = (onPosix && compiler !== 'clang') || (isInstalled(compiler) && isInstalled(needs));
    const cannot = isZig && compiler === 'c++';
    testWhere(available && !cannot, cannot ? 'Zig: it builds the C++ library anew for this, and fails' : `${compiler} with ${needs} is not installed`)(
      `survives link-time optimisation, section garbage collection and strip (${compiler})`,
      async () => {
        const folder = sources();
        const source = compiler === 'c++' ? 'plugin.cpp' : 'plugin.c';
        run(compiler, [...SHARED, ...flags, '-O2', '-flto', '-ffunction-sections', '-fdata-sections', collect, source, '-o', library], folder);
        // On macOS a full strip would take the exported names too.
        run('strip', [...(process.platform === 'darwin' ? ['-x'] : []), library], folder);
        expect(await factsOf(path.join(folder, library))).toEqual({ exports: EXPORTS, abi: 1 });
      },
    );
  }
});
