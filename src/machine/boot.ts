import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** How far two readings of the time of the boot may differ. */
const TOLERANCE_SECONDS = 120;

/** Names the time since the last start of the machine. Linux has an id for it; elsewhere it is the time of the start. */
export function bootId(platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'linux') return String(Math.round(Date.now() / 1000 - uptime()));
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}

/** Whether `id` was made since the last start of the machine. If the clock was set since then, the answer may be no. */
export function isThisBoot(id: string, platform: NodeJS.Platform = process.platform): boolean {
  const now = bootId(platform);
  return platform === 'linux' ? id === now : Math.abs(Number(id) - Number(now)) <= TOLERANCE_SECONDS;
}
