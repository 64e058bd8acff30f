/**
 * A host that runs on Node, Bun and Deno: calls plugins, and in children crashes them. Prints what it saw as JSON and ends by
 * itself. Arguments: the file of the package, a folder with the plugin good-c, one with crasher, a folder to write to, the isolation.
 */
const { readdirSync } = require('node:fs');
const [index, goodDir, crasherDir, own, isolation] = process.argv.slice(2);
const { PluginHost } = require(index);

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const descriptors = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);

async function until(isReached) {
  while (!isReached()) await pause(20);
}

/** Each fault in a child, and what the host saw of it. The child is restarted after each. */
async function crash(host, faults) {
  const seen = {};
  for (const fault of faults) {
    const tool = host.find('tool', 'worker');
    // Only a tool that spins is to run out of time: a busy machine may answer late.
    const timeoutMs = fault === 'spin' ? 1000 : 100_000;
    seen[fault] = await tool.call({ fault }, { timeoutMs }).catch(({ code, signal, exitCode }) => ({ code, signal, exitCode }));
    await until(() => host.explain('crasher').state === 'active');
  }
  return seen;
}

const open = (pluginDir, processes) =>
  PluginHost.open({ pluginDirs: [pluginDir], hostVersion: '1.0.0', dataDir: `${own}/data`, stateDir: `${own}/state`, isolation, processes });

/** Calls of all kinds. Text of 8 MiB is more than a socket or a ring holds. */
async function callAll() {
  const host = await open(goodDir);
  const { state, message } = host.explain('good-c');
  if (state !== 'active') throw new Error(message);
  const echo = await host.find('tool', 'echo').call({ text: 'hé' });
  const together = await Promise.all(Array.from({ length: 50 }, (_, number) => host.find('tool', 'echo').call({ number })));
  const chunks = [];
  await host.find('tool', 'stream').call({ count: 20 }, { onChunk: (chunk) => chunks.push(chunk) });
  const text = 'x'.repeat(8 << 20);
  const isLargeWhole = (await host.find('tool', 'echo').call({ text })).text === text;
  const failure = await host.find('tool', 'fail').call({}).catch(({ code }) => code);
  const { ended, failed } = await host.close();
  return { echo, together: together.map(({ number }) => number), chunks: chunks.length, isLargeWhole, failure, ended, failed: failed.length };
}

async function crashAll() {
  const host = await open(crasherDir, { graceMs: 100, restart: { firstPauseMs: 10, longestPauseMs: 10, most: Infinity } });
  const faults = await crash(host, ['none', 'segv', 'exit', 'spin']);
  const before = descriptors();
  const { none: after } = await crash(host, ['segv', 'segv', 'segv', 'none']);
  for (let tries = 0; tries < 500 && descriptors() > before; tries++) await pause(20);
  const hasLeaked = descriptors() > before;
  await host.close();
  return { faults, after, hasLeaked };
}

async function main() {
  console.log(JSON.stringify({ ...(await callAll()), ...(isolation === 'process' && (await crashAll())) }));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
