/**
 * The program of a child process. The thread that calls plugins takes longest to start, so it starts before the rest of the
 * program is compiled and run.
 */
import './ignore-signals.js';
import { closeInherited } from '../../machine/close-inherited.js';
import { RunnerThread } from '../../native/runners/thread.js';
import { lastDescriptor, type ChildArgument } from '../wire/messages.js';

function startThread(): RunnerThread | undefined {
  try {
    return new RunnerThread();
  } catch {
    return undefined; // the rest tries again, and does without it
  }
}

const argument = JSON.parse(process.argv[2] ?? '{}') as ChildArgument;
const sandbox = process.argv[3];
// No thread may start before what this process inherited is closed: what a thread opens at that moment could be taken for inherited. A
// launcher has closed it. A process that restricts itself does that before it starts a thread.
const isClosed = process.argv[4] === 'closed' || (sandbox === undefined && closeInherited(lastDescriptor(argument.calls)));
const thread = isClosed ? startThread() : undefined;
void import('./run-child.js').then(({ run }) => run(argument, sandbox, { isClosed, thread }));
