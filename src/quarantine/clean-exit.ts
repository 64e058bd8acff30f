import { rmSync } from 'node:fs';

/** Signals that ask a process to end: from Ctrl-C, a service manager, a file watcher, or a terminal that is closed. */
const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const files = new Set<string>();
let listening = 0;

/** Removes `file` if this process exits by itself. Returns a function that removes it now. */
export function removeOnCleanExit(file: string): () => void {
  // Node emits `exit` for process.exit() and uncaught errors, and not for exit() and abort() of native code.
  if (!process.listeners('exit').includes(removeAll)) process.once('exit', removeAll);
  files.add(file);
  return () => {
    files.delete(file);
    remove(file);
  };
}

/**
 * From now on a signal that ends this process removes the files first, until the returned function is called. No plugin may
 * run on the main thread meanwhile: the signal would not be handled until it returns, and Ctrl-C would do nothing.
 */
export function removeOnSignals(): () => void {
  if (listening++ === 0) for (const signal of END_SIGNALS) process.on(signal, onSignal);
  return () => {
    if (--listening === 0) for (const signal of END_SIGNALS) process.off(signal, onSignal);
  };
}

function onSignal(signal: NodeJS.Signals): void {
  // A host with a listener of its own decides what to do; if it exits, `exit` follows.
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  process.off(signal, onSignal);
  // Without a listener, the signal does what it does by default.
  process.kill(process.pid, signal);
}

function removeAll(): void {
  for (const file of files) remove(file);
  files.clear();
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The folder cannot be written to: the next host cannot remove the file either, and does not count it.
  }
}
