import { readFileSync } from 'node:fs';
import { clearInterval, setInterval } from '../../machine/node-timers.js';

const INTERVAL_MS = 100;

/** Calls `onExceeded` once if the process has more memory than that. Only Linux shows the memory of another process. Returns how to stop. */
export function watchMemory(pid: number | undefined, maxBytes: number, onExceeded: () => void): () => void {
  if (process.platform !== 'linux' || pid === undefined) return () => undefined;
  const timer = setInterval(() => {
    if (residentBytesOf(pid) <= maxBytes) return;
    clearInterval(timer);
    onExceeded();
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}

/** 0 if the process has ended. */
function residentBytesOf(pid: number): number {
  try {
    const [, kibibytes = '0'] = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes) * 1024;
  } catch {
    return 0;
  }
}
