/** The trial of a plugin on probation runs in a sandbox, like the plugins of a host. */
import { expect } from '@jest/globals';
import { readdirSync } from 'node:fs';
import type { PluginHostOptions } from '../../../src/host/host-options.js';
import { linuxSandbox } from '../../isolation/sandbox/linux-sandbox.js';
import { compilePlugin } from '../../support/compile-plugin.js';
import { temporaryFolder, testWhere } from '../../support/fixtures.js';
import { appendToManifest, open } from '../host.js';

const testSandbox = testWhere(linuxSandbox().level !== 'none', linuxSandbox().reason ?? '');

/** Opens a host with a plugin that makes a file when it is loaded, named by its process. Returns how many files there are. */
async function filesWith(options: Partial<PluginHostOptions>, permissions?: (outside: string) => string): Promise<number> {
  const [plugins, outside] = [temporaryFolder(), temporaryFolder()];
  const source = `#include <unistd.h>
__attribute__((constructor)) static void leave(void) {
  char name[4096];
  FILE *file;
  snprintf(name, sizeof name, "%s/%d", ${JSON.stringify(outside)}, (int)getpid());
  file = fopen(name, "w");
  if (file) fclose(file);
}
static int32_t answer(void *s, const aisopod_request *q, aisopod_reply *r) { (void)s; (void)q; return aisopod_reply_json(r, "1"); }`;
  appendToManifest(compilePlugin(plugins, 'leaver', { source }), permissions?.(outside) ?? '');
  const host = await open({ pluginDirs: [plugins], probation: true, sandbox: 'best-effort', ...options });
  expect(host.explain('leaver')?.state).toBe('active');
  const names = readdirSync(outside);
  expect(names).toContain(String(process.pid));
  return names.length;
}

testSandbox('it reaches nothing, what was granted, or everything', async () => {
  expect(await filesWith({})).toBe(1);
  const asking = (outside: string): string => `\n[permissions]\nwrite = [${JSON.stringify(outside)}]\n`;
  let questions = 0;
  expect(await filesWith({ grants: (_candidate, asked) => (questions++, asked) }, asking)).toBe(2);
  expect(questions).toBe(1); // the trial has what was decided for the plugin
  expect(await filesWith({ sandbox: 'off' })).toBe(2);
});
