import { type ErrorContext, LoadError } from '../errors/index.js';
import { optionError } from '../options/option-error.js';
import type { Triage } from './triage.js';
import type { RefusedVerdict, RefusalCode } from './verdict.js';

/** The error for an unfit library; undefined for any other verdict. `path` defaults to the library's. @throws LoadError ERR_OPTIONS */
export function refusalOf(
  triage: Pick<Triage, 'verdict' | 'path'>,
  context: Pick<ErrorContext, 'pluginId' | 'path'> = {},
): LoadError<RefusalCode> | undefined {
  const { verdict, path } = Object(triage) as Partial<typeof triage>;
  if (verdict === undefined) throw optionError('triage', 'a result of triage()', triage);
  return verdict.kind === 'unfit' ? errorOf(verdict, { path, ...context, step: 'triage' }) : undefined;
}

function errorOf<C extends RefusalCode>(refusal: RefusedVerdict<C>, context: ErrorContext): LoadError<C> {
  return new LoadError<C>(refusal.code, refusal.fields, context);
}
