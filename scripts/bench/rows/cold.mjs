/** A call into a child, cold: one call each 5 ms, so that both sides sleep before it. */
import { setTimeout as pause } from 'node:timers/promises';
import { median, nanosecondsOf } from '../measure.mjs';
import { closePeers } from '../peers/index.mjs';
import { textOf } from '../text.mjs';

const PAUSE_MS = 5;
const CALLS = 10;
const GOALS = { mcp: null, 'raw-socket': 1.2 };

/** The median of a few calls with pauses. */
const cold = (call, text) => async () => {
  const took = [];
  while (took.length < CALLS) {
    await pause(PAUSE_MS);
    took.push(await nanosecondsOf(call, text));
  }
  return median(took);
};

export async function* rows({ openChild, openPeers }) {
  const { tool, close } = await openChild();
  const echo = tool('echo');
  const peers = await openPeers(Object.keys(GOALS));
  const text = textOf(1024);
  const against = Object.entries(GOALS).map(([name, goal]) => {
    const { what, skipped, call } = peers[name];
    return { what, goal, skipped, run: cold(call, text) };
  });
  const ours = cold((each) => echo.callRaw(each), text);
  yield { name: `isolated, 1 KB, one call each ${PAUSE_MS} ms`, unit: 'µs', isSampled: true, ours, against };
  await closePeers(peers);
  await close();
}
