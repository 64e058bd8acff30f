import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** A plugin as its author writes it: the two functions, the note, and whatever is to be looked at. */
export const PLUGIN_SOURCE = `
#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif
typedef unsigned int u32;
EXPORT extern const u32 aisopod_plugin_note[16];
const u32 aisopod_plugin_note[16] = {64, 0x4F534941, 1, 1, sizeof(void *), 64, 64, 64, 72, 56, 40, 48, 24, 40, 40, 72};
EXPORT u32 aisopod_plugin_abi_version(void);
u32 aisopod_plugin_abi_version(void) { return 1; }
EXPORT void *aisopod_plugin_create(void);
void *aisopod_plugin_create(void) { return 0; }
`;

/** The first of these compilers that is installed. */
export function findCompiler(...names: string[]): string | undefined {
  return names.find((name) => spawnSync(name, ['--version']).status === 0);
}

/** Compiles C into a shared library at `output` and returns its path. Throws with the compiler's words. */
export function compile(compiler: string, source: string, output: string, flags: readonly string[] = []): string {
  writeFileSync(`${output}.c`, source);
  const position = process.platform === 'win32' ? [] : ['-fPIC'];
  execFileSync(compiler, ['-shared', ...position, '-fvisibility=hidden', '-o', output, `${output}.c`, ...flags], { stdio: 'pipe' });
  return output;
}
