/** Nothing grows: resident memory, koffi's callback slots. scripts/soak-invocations.mjs is the long version. */
import { expect, test } from '@jest/globals';
import { answerOf } from '../support/child.js';
import { thorough } from '../support/thorough.js';

interface Growth {
  /** Bytes by which resident memory grew over each run of the rounds. */
  readonly grown: readonly number[];
  /** koffi's slots before the first of them and after the last. */
  readonly slotsBefore: number;
  readonly slotsAfter: number;
}

/** How often the rounds are run again: what leaks grows every time, what the compiler and the heap still settle does not. */
const RUNS = 3;

/** Runs `work` (of one round) `rounds` times to warm up, then as often again, up to RUNS times, until `slack` holds. */
async function growthOver(rounds: number, slack: number, setUp: string, work: string): Promise<Growth> {
  const script = `
  const koffi = require('koffi');
  const rss = () => { gc(); gc(); return process.memoryUsage().rss; };
  ${setUp}
  const round = async () => { ${work} };
  for (let i = 0; i < ${rounds}; i++) await round();
  const slotsBefore = koffi.stats().callbacks;
  const grown = [];
  while (grown.length < ${RUNS} && !(grown.at(-1) < ${slack})) {
    const before = rss();
    for (let i = 0; i < ${rounds}; i++) await round();
    grown.push(rss() - before);
  }
  console.log(JSON.stringify({ grown, slotsBefore, slotsAfter: koffi.stats().callbacks }));
  process.exit();`;
  return (await answerOf(script)) as Growth;
}

/** The calls that block make the host start its runners first: each takes about 10 MB, once. */
const HOST = `
  const host = await openHost(['good-c']);
  await Promise.all(Array.from({ length: 8 }, () => host.tool('block').call({ ms: 200 })));`;

/** 100 invocations a round, 8,000 in all: a leak of two kilobytes each would be 16 MB. For a release, half of that is seen. */
const ROUNDS = thorough(200, 80);
const LOADS = thorough(500, 250);
const SLACK = 12 << 20;

const many = (call: string): string => `await Promise.all(Array.from({ length: 100 }, (_, i) => ${call}));`;

test.each([
  ['INLINE, synchronously', "for (let i = 0; i < 100; i++) host.tool('echo_inline').sync({ i });"],
  ['INLINE', many("host.tool('echo_inline').call({ i })")],
  ['on workers', many("host.tool('echo').call({ i })")],
  ['pending', many("host.tool('pending').call({ ms: 0 })")],
  ['with owned memory', many("host.tool('owned').callRaw('{\"bytes\":3000}')")],
  ['with chunks', many("host.tool('stream').call({ count: 3 }, { onChunk: () => undefined })")],
  ['through the host', many("host.tool('host_call').call({ name: 'echo', input: { i } })")],
  ['that fail', many("host.tool('fail').call({}).catch(() => undefined)")],
  ['that are cancelled', "const c = new AbortController(); const calls = Array.from({ length: 100 }, () => host.tool('wait_cancel').call({}, { signal: c.signal }).catch(() => undefined)); c.abort(); await Promise.all(calls);"],
])(`${ROUNDS * 100} invocations %s`, async (_name, work) => {
  const { grown, slotsBefore, slotsAfter } = await growthOver(ROUNDS, SLACK, HOST, work);
  expect(slotsAfter).toBe(slotsBefore);
  expect(Math.min(...grown)).toBeLessThan(SLACK);
});

test(`${LOADS * 2} loads and shutdowns`, async () => {
  const setUp = `
  const loader = new aisopod.DynamicPluginLoader({ pluginDirs: [fixtures], hostVersion: '1.0.0' });
  const candidate = await fixture('good-c');
  const dataDir = require('node:fs').mkdtempSync(require('node:path').join(require('node:os').tmpdir(), 'aisopod-child-'));`;
  const work = `
  const registry = new aisopod.PluginRegistry({ hostVersion: '1.0.0', dataDir });
  await registry.register(await loader.loadPlugin(candidate));
  await registry.initAll();
  await registry.tool('echo').call({});
  await registry.shutdownAll();`;
  const slack = 48 << 20;
  const { grown, slotsBefore, slotsAfter } = await growthOver(LOADS, slack, setUp, work);
  expect(slotsAfter).toBe(slotsBefore);
  // Compiled code and koffi's handles come and go by some tens of megabytes; a leaked frame or library would be more.
  expect(Math.min(...grown)).toBeLessThan(slack);
});

test(`${ROUNDS * 1000} messages of one channel in JavaScript`, async () => {
  const setUp = `
  const host = await openHost(['good-c']);
  let emit;
  const start = (_settings, context) => new Promise(() => { emit = context.emit; });
  const channels = { id: 'feed', register: (api) => api.registerChannel({ name: 'feed', start, send: () => null }) };
  await host.registry.register(aisopod.definePlugin(channels));
  await host.registry.init('feed');
  let received = 0;
  await host.registry.find('channel', 'feed').connect({ onMessage: () => { received++; } });`;
  const work = "for (let i = 0; i < 1000; i++) await emit({ i }); if (received % 1000 !== 0) throw new Error(`${received} messages arrived`);";
  const { grown } = await growthOver(ROUNDS, SLACK, setUp, work);
  expect(Math.min(...grown)).toBeLessThan(SLACK);
});
