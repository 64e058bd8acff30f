import { removeHeldSync } from '../trust/held-files.js';

/** Signals that request a process to end: from Ctrl-C, a service manager, a file watcher or a closed terminal. */
const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', ...(process.platform === 'win32' ? (['SIGBREAK'] as const) : [])] as const;
/** The exit code of a process that such a signal ends on Windows. */
const CONTROL_C_EXIT = 0xc000013a;

const files = new Set<string>();
let listening = 0;

/** Removes `file` when this process exits normally. Returns a function that removes it now. */
export function removeOnCleanExit(file: string): () => void {
  // Node emits `exit` for process.exit() and uncaught errors, but not if native code calls exit() or abort().
  if (!process.listeners('exit').includes(removeAll)) process.once('exit', removeAll);
  files.add(file);
  return () => {
    files.delete(file);
    remove(file);
  };
}

/**
 * Until the returned function is called, a signal that ends this process removes the files first. No plugin may run on the
 * main thread meanwhile: the signal would be handled only after it returns, so Ctrl-C would do nothing.
 */
export function removeOnSignals(): () => void {
  if (listening++ === 0) for (const signal of END_SIGNALS) process.on(signal, onSignal);
  return () => {
    if (--listening === 0) for (const signal of END_SIGNALS) process.off(signal, onSignal);
  };
}

function onSignal(signal: NodeJS.Signals): void {
  // If the host has a listener, it decides what to do. If it exits, Node emits `exit`.
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  process.off(signal, onSignal);
  if (process.platform === 'win32') process.exit(CONTROL_C_EXIT); // a process cannot send itself these signals there
  // With the listener removed, the signal has its default effect.
  process.kill(process.pid, signal);
}

function removeAll(): void {
  for (const file of files) remove(file);
  files.clear();
}

function remove(file: string): void {
  try {
    removeHeldSync(file);
  } catch {
    // The folder is not writable: the next host cannot remove the file either, and ignores it.
  }
}
