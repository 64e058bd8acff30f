import { readdirSync, readlinkSync } from 'node:fs';
import { processState } from '../../../../library/process-state.js';
import { error, note, skipped, warning, type CheckContext, type DynamicCheck, type Finding, type Subject } from '../../check.js';
import { startWorkers } from '../plugin/on-worker.js';
import { Session } from '../session.js';
import { row, unfinished } from './row.js';

const FOLDER = '/proc/self/fd';

/** The open descriptors of this process, by number; `undefined` if the system does not list them. */
function descriptors(): ReadonlyMap<string, string> | undefined {
  try {
    return new Map(readdirSync(FOLDER).map((fd) => [fd, linkOf(fd)]));
  } catch {
    return undefined;
  }
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`${FOLDER}/${fd}`);
  } catch {
    return '';
  }
}

async function wholeLife(session: Session): Promise<boolean> {
  await session.start();
  await session.callAll();
  if ((await session.stop()) === undefined) return false;
  await session.instance.destroy();
  return true;
}

async function stateKept(subject: Subject, context: CheckContext): Promise<readonly Finding[]> {
  const before = processState();
  const session = new Session(subject, context);
  const ended = await wholeLife(session);
  const after = processState();
  const changed = [...before].filter(([name, value]) => after.get(name) !== value);
  const byGo = subject.hasGoRuntime ? changed.filter(([name]) => name.startsWith('handler of signal')) : [];
  const byPlugin = changed.filter((change) => !byGo.includes(change));
  return [
    ...(byGo.length === 0 ? [] : [note('The Go runtime in the plugin handles signals. It passes those on that are not from code in Go.')]),
    ...byPlugin.map(([name, value]) => error(`the plugin has changed the ${name} from ${value} to ${after.get(name) ?? 'nothing'}`)),
    ...(ended ? [] : unfinished(session)),
  ];
}

async function descriptorsClosed(subject: Subject, context: CheckContext): Promise<readonly Finding[]> {
  const session = new Session(subject, context);
  await startWorkers();
  const before = descriptors();
  if (before === undefined) return [skipped('this system does not list the descriptors of a process')];
  if (!(await wholeLife(session))) return unfinished(session);
  const left = [...(descriptors() ?? [])].filter(([fd, link]) => before.get(fd) !== link && link !== '' && !link.startsWith('/proc/'));
  return left.length === 0 ? [] : [warning(`${left.length} descriptors of the plugin are still open after destroy: ${left.map(([, link]) => link).join(', ')}`)];
}

export const PROCESS_CHECKS: readonly DynamicCheck[] = [
  row({ id: 'process-unchanged', source: 'rule 9', title: 'The plugin leaves the working folder, the locale, signal handlers and the rounding mode as they are', breaks: 'Other code in the process computes, reads or ends differently.' }, stateKept),
  row({ id: 'descriptors-closed', source: 'rule 10', title: 'After shutdown and destroy, the files and sockets of the plugin are closed', breaks: 'Each reload costs descriptors, until the host has none left.' }, descriptorsClosed),
];
