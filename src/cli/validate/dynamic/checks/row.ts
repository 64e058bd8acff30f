import { error, skipped, type CheckContext, type DynamicCheck, type Finding, type Subject } from '../../check.js';
import type { ViolationKind } from '../host/violation.js';
import { CannotRun } from '../plugin/cannot-run.js';
import type { Session } from '../session.js';

type Texts = Pick<DynamicCheck, 'id' | 'source' | 'title' | 'breaks'>;
type Run = (subject: Subject, context: CheckContext) => Promise<readonly Finding[]>;

/** A row of the table. A plugin that does not even start is the finding of another check. */
export function row(texts: Texts, run: Run): DynamicCheck {
  return {
    kind: 'dynamic',
    ...texts,
    run: async (subject, context) => {
      try {
        return await run(subject, context);
      } catch (cause) {
        if (cause instanceof CannotRun) return [skipped(cause.message)];
        throw cause;
      }
    },
  };
}

/** The violations of these kinds, each once. */
export function violationsOf({ host }: Session, ...kinds: readonly ViolationKind[]): readonly Finding[] {
  const messages = host.violations.filter(({ kind }) => kinds.includes(kind)).map(({ message }) => message);
  return [...new Set(messages)].map((message) => error(message));
}

/** Calls that did not come to an end, so that the check could not be completed. */
export function unfinished({ outcomes }: Session): readonly Finding[] {
  return outcomes.filter(({ never }) => never !== undefined).map(({ invocation }) => skipped(`${invocation.label} does not come to an end: see stops-when-cancelled`));
}

