import { rmSync } from 'node:fs';

/** Those that ask a process to end: Ctrl-C, a service manager or a watcher of files, a terminal that is closed. */
const REQUESTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const markers = new Set<string>();
let waiting = 0;

/** `file` will be found where this process ends suddenly, and only there. Returns what removes it. */
export function leaveBehind(file: string): () => void {
  // Node says `exit` where the host ends itself, by an uncaught error too; never for native code's exit() and abort().
  if (!process.listeners('exit').includes(removeAll)) process.once('exit', removeAll);
  markers.add(file);
  return () => {
    markers.delete(file);
    remove(file);
  };
}

/**
 * From here a request to end is no sudden end, until what this returns is called. Nothing of a plugin may run on the main
 * thread meanwhile: a request would not be heard until it returns, and Ctrl-C would do nothing.
 */
export function mindRequests(): () => void {
  if (waiting++ === 0) for (const signal of REQUESTS) process.on(signal, onRequest);
  return () => {
    if (--waiting === 0) for (const signal of REQUESTS) process.off(signal, onRequest);
  };
}

function onRequest(signal: NodeJS.Signals): void {
  // A host that listens decides for itself; `exit` comes where it decides to end.
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  process.off(signal, onRequest);
  // With no listener left it does what it does to any process.
  process.kill(process.pid, signal);
}

function removeAll(): void {
  for (const file of markers) remove(file);
  markers.clear();
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The folder is not to be written to: the next host cannot remove it either, and does not count it.
  }
}
