import type { ProcessOptions } from '../isolation/supervisor/process-options.js';
import { DEFAULT_MODE } from '../host/sandbox/sandbox-options.js';
import { describeDenial } from '../isolation/sandbox/trace/denial.js';
import { sandboxSupport } from '../isolation/sandbox/probe.js';
import { UsageError, flag, text, type Arguments } from './command.js';

/** An option of the commands that run one plugin. */
export const TRACE_OPTIONS = { 'trace-denials': { type: 'boolean' } } as const;
export const TRACE_HELP = [['--trace-denials', 'print what the sandbox denies the plugin, and the permission that would allow it; the plugin runs slower']] as const;

/** Prints a line for each thing that is denied, if that is wanted. @throws UsageError if nothing could be */
export function denialPrinter(args: Arguments, print: (line: string) => void): Pick<ProcessOptions, 'onDenied'> {
  if (!flag(args, 'trace-denials')) return {};
  if (flag(args, 'in-process')) throw new UsageError('--trace-denials needs a process for the plugin: leave out --in-process');
  if ((text(args, 'sandbox') ?? DEFAULT_MODE) === 'off') throw new UsageError('--trace-denials needs a sandbox: leave out --sandbox off');
  if (sandboxSupport().keys.connect !== 'enforced') throw new UsageError('--trace-denials does not work on this system (docs/sandbox.md, "What was denied")');
  return { onDenied: (denial) => print(`denied: ${describeDenial(denial)}`) };
}
