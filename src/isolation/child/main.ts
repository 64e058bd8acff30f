/**
 * The program of a child process. The thread that calls plugins takes longest to start, so it starts before the rest of the
 * program is compiled and run.
 */
import './ignore-signals.js';
import { RunnerThread } from '../../native/runners/thread.js';
import { lastDescriptor, type ChildArgument } from '../wire/messages.js';
import { closeInherited } from './close-inherited.js';

function startThread(): RunnerThread | undefined {
  try {
    return new RunnerThread();
  } catch {
    return undefined; // the rest tries again, and does without it
  }
}

const argument = JSON.parse(process.argv[2] ?? '{}') as ChildArgument;
const sandbox = process.argv[3];
// No thread may start before the process has sealed its sandbox, if there is one, and has closed what it inherited: what a thread opens
// at that moment could be taken for inherited.
const isClosed = sandbox === undefined && closeInherited(lastDescriptor(argument.calls));
const thread = isClosed ? startThread() : undefined;
void import('./run-child.js').then(({ run }) => run(argument, sandbox, { isClosed, thread }));
