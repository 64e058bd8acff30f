import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from './fixtures.js';

/** Compiles C with the system's own compiler. Throws with the compiler's words. */
function cc(source: string, output: string, flags: readonly string[], compiler: string): string {
  const file = `${output}.${compiler === 'c++' ? 'cpp' : 'c'}`;
  writeFileSync(file, source);
  const include = `-I${path.join(projectRoot, 'include')}`;
  execFileSync(compiler, ['-shared', '-fPIC', '-O1', include, '-o', output, file, ...flags], { stdio: 'pipe' });
  return output;
}

/** A library that a plugin ships, by its SONAME, in `folder`. */
export function compileBundled(folder: string, soname: string, source: string, flags: readonly string[] = []): string {
  mkdirSync(folder, { recursive: true });
  return cc(source, path.join(folder, soname), [`-Wl,-soname,${soname}`, ...flags], 'cc');
}

/** To link a plugin with libraries beside it, and have them found there. */
export const beside = (folder: string, ...names: string[]): string[] => [`-L${folder}`, ...names.map((name) => `-l${name}`), '-Wl,-rpath,$ORIGIN', '-Wl,--enable-new-dtags'];

export interface PluginSource {
  /** Defines `static int32_t answer(void *, const aisopod_request *, aisopod_reply *)`, the tool that is named like the plugin. */
  readonly source: string;
  readonly flags?: readonly string[];
  readonly compiler?: 'cc' | 'c++';
  /** Of the tool. */
  readonly capabilityFlags?: string;
}

/** Makes a plugin folder `parent/id` with one tool, for tests whose libraries differ in how they are linked. Returns it. POSIX only. */
export function compilePlugin(parent: string, id: string, { source, flags = [], compiler = 'cc', capabilityFlags = '0' }: PluginSource): string {
  const folder = path.join(parent, id);
  mkdirSync(folder, { recursive: true });
  const text = `#define _GNU_SOURCE
#include <aisopod/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
AISOPOD_DEFINE_ABI();
${source}
static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  aisopod_capability tool = aisopod_capability_of(AISOPOD_KIND_TOOL, "${id}", answer);
  tool.flags = ${capabilityFlags};
  tool.data = self;
  return aisopod_register(host, &tool, reply);
}
static const aisopod_plugin plugin = {sizeof plugin, 0, NULL, "${id}", NULL, register_capabilities, aisopod_no_init, aisopod_no_shutdown, NULL};
AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
`;
  cc(text, path.join(folder, process.platform === 'darwin' ? `lib${id}.dylib` : `lib${id}.so`), flags, compiler);
  writeFileSync(
    path.join(folder, 'aisopod.plugin.toml'),
    `[plugin]\nid = "${id}"\nname = "${id}"\nversion = "1.0.0"\ndescription = "A test plugin"\nauthor = "aisopod-plugin"\nentry_point = "${id}"\n\n[capabilities]\ntools = ["${id}"]\n`,
  );
  return folder;
}
