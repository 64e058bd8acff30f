export const CANNOT_LIMIT_MEMORY = 'cannot enforce its memory limit: this system does not report memory use (/proc is not mounted)';

/** Whether this process can measure its memory use. Needs /proc on Linux. */
export function canMeasureMemory(): boolean {
  try {
    return process.memoryUsage.rss() > 0;
  } catch {
    return false;
  }
}
