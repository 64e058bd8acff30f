export const CANNOT_LIMIT_MEMORY = 'cannot keep its memory limit: this system does not tell how much it takes (/proc is not mounted)';

/** Whether this process can measure its memory use. Needs /proc on Linux. */
export function canMeasureMemory(): boolean {
  try {
    return process.memoryUsage.rss() > 0;
  } catch {
    return false;
  }
}
