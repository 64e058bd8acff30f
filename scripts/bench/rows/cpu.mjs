/** CPU time of host and child for a call, hot. */
import { setTimeout as pause } from 'node:timers/promises';
import { closePeers } from '../peers/index.mjs';
import { cpuNanoseconds, noCpuTimes } from '../processes.mjs';
import { textOf } from '../text.mjs';

const CALLS = 1000;
const QUICK_CALLS = 20;
const GOALS = { mcp: 0.15, 'raw-socket': null };

export async function* rows({ openChild, openPeers, isQuick }) {
  const { tool, pid, close } = await openChild();
  const echo = tool('echo');
  const peers = await openPeers(Object.keys(GOALS));
  const text = textOf(1024);
  const calls = isQuick ? QUICK_CALLS : CALLS;
  const cpuOf = (call, child) => async () => {
    const before = cpuNanoseconds([child]);
    for (let i = 0; i < calls; i++) await call(text);
    await pause(2); // until the child sleeps: then its threads' times are up to date
    return (cpuNanoseconds([child]) - before) / calls;
  };
  const against = Object.entries(GOALS).map(([name, goal]) => {
    const peer = peers[name];
    return { what: peer.what, goal, skipped: peer.skipped, run: cpuOf(peer.call, peer.pid) };
  });
  const ours = cpuOf((each) => echo.callRaw(each), pid);
  yield { name: 'CPU time of host and child for an isolated call, 1 KB', unit: 'µs', isSampled: true, skipped: noCpuTimes, ours, against };
  await closePeers(peers);
  await close();
}
