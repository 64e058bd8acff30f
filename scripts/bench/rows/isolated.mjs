/** A call into a child, hot: the next call follows as soon as the one before has been answered. */
import { againAsync, together } from '../measure.mjs';
import { closePeers } from '../peers/index.mjs';
import { textOf } from '../text.mjs';

/** Long rounds, so that the first call of a round, when the child is asleep, does not matter. */
const PLAN = { roundMs: 20, warmUpRounds: 5, rounds: 41 };
const PEERS = ['mcp', 'raw-socket', 'worker-threads', 'fork', 'extism'];

const CASES = [
  { label: '1 KB, one in flight', bytes: 1024, goals: { mcp: 0.1, 'raw-socket': 0.4 } },
  { label: '1 KB, 64 in flight', bytes: 1024, inFlight: 64, goals: { mcp: 0.08 } },
  { label: '64 KB, one in flight', bytes: 64 << 10, goals: { 'worker-threads': 0.8 } },
  { label: '1 MiB, one in flight', bytes: 1 << 20, goals: { 'worker-threads': 0.3 } },
];

/** A row that compares calls with this many in flight. Peers that take one call at a time are left out where there are more. */
export function rowOf({ name, bytes, inFlight = 1, goals }, call, peers) {
  const text = textOf(bytes);
  const run = (each) => againAsync(inFlight === 1 ? () => each(text) : together(inFlight, () => each(text)));
  const against = Object.entries(peers)
    .filter(([, { isSerial = false }]) => inFlight === 1 || !isSerial)
    .map(([peer, { what, skipped, call: theirs }]) => ({ what, goal: goals[peer] ?? null, skipped, run: run(theirs) }));
  return { name, unit: 'µs', per: inFlight, plan: PLAN, ours: run(call), against };
}

export async function* rows({ openChild, openPeers }) {
  const { tool, close } = await openChild();
  const echo = tool('echo');
  const peers = await openPeers(PEERS);
  for (const { label, ...each } of CASES) yield rowOf({ name: `isolated, ${label}`, ...each }, (text) => echo.callRaw(text), peers);
  await closePeers(peers);
  await close();
}
