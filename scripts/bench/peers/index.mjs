/**
 * Other ways to call code outside the main thread. Each is a module here with `open()`, which returns `{ call, pid?, close }`.
 * `isSerial`: takes one call at a time. `maxBytes`: the largest message.
 */
const PEERS = {
  mcp: { what: 'the MCP SDK over stdio', needsPackage: true, maxBytes: 10 << 20 },
  'raw-socket': { what: 'a raw socket with a Node child' },
  'worker-threads': { what: 'worker_threads' },
  fork: { what: 'child_process.fork' },
  extism: { what: 'Extism in a worker', needsPackage: true, isSerial: true },
};

async function openChecked(name, what) {
  const { open } = await import(`./${name}.mjs`);
  const opened = await open();
  const text = JSON.stringify('echo');
  if ((await opened.call(text)) !== text) throw new Error(`${what} does not answer what it was given`);
  return opened;
}

async function openPeer(name, whyNoPackages) {
  const { needsPackage, ...peer } = PEERS[name];
  if (!needsPackage) return { ...peer, ...(await openChecked(name, peer.what)) };
  if (whyNoPackages !== undefined) return { ...peer, skipped: whyNoPackages };
  try {
    return { ...peer, ...(await openChecked(name, peer.what)) };
  } catch (error) {
    // A package may not support this platform or this Node.
    return { ...peer, skipped: `does not run here: ${error.message.split('\n')[0]}` };
  }
}

/** @returns peers by name; those without their package have `skipped`, the reason */
export async function openPeers(names, whyNoPackages) {
  const peers = {};
  for (const name of names) peers[name] = await openPeer(name, whyNoPackages);
  return peers;
}

export async function closePeers(peers) {
  for (const { close } of Object.values(peers)) await close?.();
}
