import { LoadError, messageOf, type ErrorContext } from '../errors/index.js';

/**
 * Sorts what the system's loader said into a code of its own where one fits; its words stay in `cause` and `reason`.
 * `missing` are needed libraries that triage did not find: some systems do not say which one it was.
 */
export function openFailure(cause: unknown, missing: readonly string[], context: ErrorContext): LoadError {
  const reason = messageOf(cause);
  const where = { ...context, cause, step: 'open' } as const;
  const symbol = undefinedSymbol(reason);
  if (symbol !== undefined) return new LoadError('ERR_UNDEFINED_SYMBOL', { symbol, reason }, where);
  const library = missing[0] ?? missingLibrary(reason);
  if (library !== undefined) return new LoadError('ERR_MISSING_DEPENDENCY', { library, reason }, where);
  return new LoadError('ERR_LIBRARY_LOAD', { reason }, where);
}

/** glibc: `undefined symbol: x`; musl: `x: symbol not found`; macOS: `symbol not found in flat namespace '_x'`. */
function undefinedSymbol(reason: string): string | undefined {
  return (
    /undefined symbol: ([^\s,]+)/.exec(reason)?.[1] ??
    /symbol not found in flat namespace '_?([^']+)'/.exec(reason)?.[1] ??
    /relocating .*: ([^\s:]+): symbol not found/.exec(reason)?.[1]
  );
}

/** glibc and musl name the library that they could not open; macOS says `Library not loaded: x`. */
function missingLibrary(reason: string): string | undefined {
  return (
    /Library not loaded: (\S+)/.exec(reason)?.[1] ??
    /([^\s:/]+\.so[^\s:]*): cannot open shared object file/.exec(reason)?.[1] ??
    /Error loading shared library ([^\s:]+):/.exec(reason)?.[1]
  );
}
