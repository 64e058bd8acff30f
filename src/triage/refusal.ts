import { type ErrorContext, LoadError } from '../errors/index.js';
import type { Triage } from './triage.js';
import type { Refusal, RefusalCode } from './verdict.js';

/** The error of an unfit library; undefined for any other. `path` is the library's own where the context names none. */
export function refusalOf(
  { verdict, path }: Pick<Triage, 'verdict' | 'path'>,
  context: Pick<ErrorContext, 'pluginId' | 'path'> = {},
): LoadError<RefusalCode> | undefined {
  return verdict.kind === 'unfit' ? errorOf(verdict, { path, ...context, step: 'triage' }) : undefined;
}

function errorOf<C extends RefusalCode>(refusal: Refusal<C>, context: ErrorContext): LoadError<C> {
  return new LoadError<C>(refusal.code, refusal.fields, context);
}
