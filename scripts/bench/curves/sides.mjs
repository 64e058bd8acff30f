/** The sides of curves: ways to call an echo, by name. */
import { closePeers } from '../peers/index.mjs';

/** @returns ways, as functions from text to a promise, the largest text of some of them, and `close` */
export async function openSides({ workerEcho, openChild, openPeers }, peerNames) {
  const child = await openChild();
  const socketChild = await openChild({ transport: 'socket' });
  const peers = await openPeers(peerNames);
  const ways = { 'in this process': (text) => workerEcho.callRaw(text), 'in a child': (text) => child.tool('echo').callRaw(text), 'in a child, by socket': (text) => socketChild.tool('echo').callRaw(text) };
  const maxBytes = {};
  for (const { what, skipped, call, maxBytes: most = Infinity } of Object.values(peers)) {
    if (skipped !== undefined) continue;
    ways[what] = call;
    maxBytes[what] = most;
  }
  const close = async () => {
    await closePeers(peers);
    await socketChild.close();
    await child.close();
  };
  return { child, ways, maxBytes, close };
}
