/** What benchmarks and curves measure with. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildNative, loadAddon } from './native.mjs';
import { openPlugin } from './open-plugin.mjs';
import { openPeers } from './peers/index.mjs';
import { installPackages } from '../setup.mjs';

/** Milliseconds that `tool.sync` may wait for a child: on a busy machine its default is too short for a benchmark. */
const SYNC_TIMEOUT_MS = 1000;

/**
 * Builds the plugin, opens it in this process, and installs the packages to compare with.
 * @param {object} options
 * @param {boolean} options.isQuick
 * @param {boolean} options.withoutPackages
 */
export async function openContext({ isQuick, withoutPackages }) {
  buildNative();
  const heard = { bytes: 0 };
  const hear = (line) => {
    heard.bytes += line.length;
  };
  const dataDir = mkdtempSync(join(tmpdir(), 'aisopod-bench-'));
  const base = { dataDir, logger: { debug: hear, info: hear, warn: console.warn, error: console.error } };
  const { tool, close } = await openPlugin({ ...base, isolation: 'in-process' });
  const whyNoPackages = withoutPackages ? '--no-packages' : installPackages(join(import.meta.dirname, 'peers'));
  return {
    isQuick,
    heard,
    workerEcho: tool('echo'),
    inlineEcho: tool('echo-inline'),
    inlineLog: tool('log-inline'),
    addon: loadAddon(),
    openChild: (processes, grantsOf) => openPlugin({ ...base, isolation: 'process', processes: { ...processes, syncTimeoutMs: SYNC_TIMEOUT_MS }, grantsOf }),
    openPeers: (names) => openPeers(names, whyNoPackages),
    whyNoPackages,
    close: async () => {
      await close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
