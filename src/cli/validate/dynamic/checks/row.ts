import { error, skipped, type CheckContext, type DynamicCheck, type Finding, type Subject } from '../../check.js';
import type { ViolationKind } from '../host/violation.js';
import { CannotRun } from '../plugin/cannot-run.js';
import { sessionWithCopy, type Session } from '../session.js';

type Texts = Pick<DynamicCheck, 'id' | 'source' | 'title' | 'breaks'>;
type Run = (subject: Subject, context: CheckContext) => Promise<readonly Finding[]> | readonly Finding[];

/** A row of the table. A plugin that does not even start is the finding of another check. */
export const row = (texts: Texts, run: Run): DynamicCheck => rowOf(texts, run, (reason) => Promise.resolve([skipped(reason)]));

/** The same for a check under which a plugin has to start that starts otherwise. */
export const rowThatStarts = (texts: Texts, run: Run): DynamicCheck =>
  rowOf(texts, run, async (reason, subject, context) => {
    try {
      await sessionWithCopy(subject, context, 'usual').start();
    } catch (cause) {
      if (cause instanceof CannotRun) return [skipped(reason)];
      throw cause;
    }
    return [error(reason)];
  });

type WithoutStart = (reason: string, subject: Subject, context: CheckContext) => Promise<readonly Finding[]>;

function rowOf(texts: Texts, run: Run, withoutStart: WithoutStart): DynamicCheck {
  return {
    kind: 'dynamic',
    ...texts,
    run: async (subject, context) => {
      process.chdir(context.temporaryFolder); // a plugin may write to a relative path
      try {
        return await run(subject, context);
      } catch (cause) {
        if (cause instanceof CannotRun) return withoutStart(cause.message, subject, context);
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

