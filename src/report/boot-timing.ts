import type { PluginReport } from './plugin-report.js';

/** A part of the start-up time, in milliseconds, and the parts that it consists of. */
export interface TimingNode {
  readonly name: string;
  readonly ms: number;
  readonly children: readonly TimingNode[];
}

/** The tree of one `open`: the scan, then each plugin with its steps. Plugins in child processes load in parallel. */
export function bootTiming(totalMs: number, scanMs: number, reports: readonly PluginReport[]): TimingNode {
  const plugins = reports.map((report): TimingNode => {
    const children = Object.entries(report.timings).map(([name, ms]): TimingNode => ({ name, ms, children: [] }));
    return { name: report.id ?? report.path ?? '?', ms: children.reduce((sum, child) => sum + child.ms, 0), children };
  });
  return { name: 'open', ms: totalMs, children: [{ name: 'scan', ms: scanMs, children: [] }, ...plugins] };
}
