import { LoadError, messageOf, type ErrorContext } from '../errors/index.js';
import { mappedLibc } from '../machine/libc-flavour.js';
import type { Triage } from '../triage/index.js';

/**
 * Converts an error of the system's loader to the most specific error code. `cause` and `reason` keep the loader's message.
 * Uses what triage found: some systems do not say which library is missing, and none says which library needs it.
 */
export function openFailure(cause: unknown, { dependencies, libc }: Pick<Triage, 'dependencies' | 'libc'>, context: ErrorContext): LoadError {
  const reason = messageOf(cause);
  const where = { ...context, cause, step: 'open' } as const;
  const symbol = undefinedSymbol(reason);
  if (symbol !== undefined) {
    const isForeign = libc !== undefined && libc.flavour !== (mappedLibc()?.flavour ?? libc.flavour);
    return new LoadError('ERR_UNDEFINED_SYMBOL', { symbol, reason, ...(isForeign && { builtFor: libc.flavour }) }, where);
  }
  const named = missingLibrary(reason);
  const missing = dependencies.filter(({ path }) => path === undefined);
  const known = named === undefined ? (saysWhy(reason) ? undefined : missing[0]) : missing.find(({ name }) => name === named);
  if (known !== undefined) {
    const { name: library, neededBy, isBeside } = known;
    return new LoadError('ERR_MISSING_DEPENDENCY', { library, reason, neededBy, isBeside }, where);
  }
  if (named !== undefined) return new LoadError('ERR_MISSING_DEPENDENCY', { library: named, reason }, where);
  return new LoadError('ERR_LIBRARY_LOAD', { reason }, where);
}

/** glibc and musl name every other cause. Then a missing library that triage found is not the cause. */
const saysWhy = (reason: string): boolean => /version `|TLS|failed to map|executable stack|cannot allocate/i.test(reason);

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
