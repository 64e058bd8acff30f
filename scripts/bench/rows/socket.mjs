/** A call into a child by the socket alone, which is what a platform without shared memory gets. */
import { closePeers } from '../peers/index.mjs';
import { rowOf } from './isolated.mjs';

const CASES = [
  { label: '1 KB, one in flight', bytes: 1024, goals: { 'raw-socket': 1 } },
  { label: '1 KB, 64 in flight', bytes: 1024, inFlight: 64, goals: { 'raw-socket': 1 } },
];

export async function* rows({ openChild, openPeers }) {
  const child = await openChild({ transport: 'socket' });
  const peers = await openPeers(['raw-socket']);
  const echo = child.tool('echo');
  for (const { label, ...each } of CASES) {
    yield rowOf({ name: `isolated by socket, ${label}`, ...each }, (text) => echo.callRaw(text), peers);
  }
  await closePeers(peers);
  await child.close();
}
