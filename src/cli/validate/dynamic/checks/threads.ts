import { readdirSync, readFileSync } from 'node:fs';
import { monotonicNow, pause } from '../../../../machine/node-timers.js';
import { error, skipped, type CheckContext, type DynamicCheck, type Finding, type Subject } from '../../check.js';
import type { NativeCapability } from '../../../../native/native-capability.js';
import { samplesOf } from '../inputs/samples.js';
import { Gate } from '../plugin/gate.js';
import type { Call } from '../plugin/invoke.js';
import { startWorkers } from '../plugin/on-worker.js';
import { Session, withSession } from '../session.js';
import { row, unfinished, violationsOf } from './row.js';

/** An INLINE capability must not block. This is far more than one that does not. */
const MAX_INLINE_MS = 1000;
/** It blocks if it takes that long each time: once may be the machine. */
const ATTEMPTS = 3;
/** How long an ended thread may still be listed. */
const THREAD_END_MS = 5000;

const TASKS = '/proc/self/task';

/** The threads of this process, by id; `undefined` if the system does not list them. */
function threads(): ReadonlySet<string> | undefined {
  try {
    return new Set(readdirSync(TASKS));
  } catch {
    return undefined;
  }
}

function nameOf(thread: string): string {
  try {
    return readFileSync(`${TASKS}/${thread}/comm`, 'utf8').trim();
  } catch {
    return '?';
  }
}

async function threadsJoined(subject: Subject, context: CheckContext): Promise<readonly Finding[]> {
  const session = new Session(subject, context);
  await startWorkers();
  const before = threads();
  if (before === undefined) return [skipped('this system does not list the threads of a process')];
  const usual = new Set([...before].map(nameOf));
  await session.start();
  await session.callAll();
  if ((await session.stop()) === undefined) return unfinished(session);
  const left = (): string[] => [...(threads() ?? [])].filter((thread) => !before.has(thread));
  for (const end = monotonicNow() + THREAD_END_MS; left().length > 0 && monotonicNow() < end; ) await pause(10);
  const running = left();
  if (running.length === 0) return [];
  // A thread without a name of its own has that of the thread that started it.
  const names = running.map(nameOf).filter((name) => !usual.has(name));
  return [error(`threads of the plugin still run after shutdown: ${running.length}${names.length === 0 ? '' : ` (${names.join(', ')})`}`)];
}

async function measureInline(session: Session): Promise<void> {
  for (const capability of session.capabilities) {
    if (!capability.isInline) continue;
    for (const { method, input } of samplesOf(capability.descriptor, { random: session.random })) {
      let shortest = Infinity;
      for (let attempt = 0; attempt < ATTEMPTS && shortest > MAX_INLINE_MS && !session.isOver; attempt++) {
        const begin = monotonicNow();
        await session.call({ capability, method, input, patienceMs: 2 * MAX_INLINE_MS });
        shortest = Math.min(shortest, monotonicNow() - begin);
      }
      if (shortest > MAX_INLINE_MS) session.findings.push(error(`${capability.descriptor.kind} ${capability.descriptor.name} is INLINE, and blocked for more than ${MAX_INLINE_MS} ms`));
    }
  }
}

const CALLERS = 8;
const ROUNDS = 5;

/** Under ThreadSanitizer, calls arrive together: it reports what is in no order, and calls that follow one another are. */
const together = ({ context }: Session, count: number): Partial<Call> => (context.gate === undefined ? {} : { entryOf: new Gate(context.gate, count).entryOf });

/** The same method of the same capability from many threads at once. */
async function callAtOnce(session: Session): Promise<void> {
  if (!session.instance.vtable.isThreadSafe) return; // hosts call it from one thread at a time
  const change = together(session, CALLERS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const capability of session.capabilities) {
      if (session.isOver) return;
      await Promise.all(Array.from({ length: CALLERS }, () => session.callAll(change, [capability])));
    }
  }
}

/** All capabilities at once, and then one after the other: each call on another thread. */
async function callTogether(session: Session): Promise<void> {
  const change = together(session, Math.min(session.capabilities.length, CALLERS));
  if (session.instance.vtable.isThreadSafe) await Promise.all(session.capabilities.map((capability) => session.callAll(change, [capability])));
  for (let round = 0; round < ROUNDS; round++) await session.callAll();
}

const inline = ({ capabilities }: Session): NativeCapability[] => capabilities.filter(({ isInline }) => isInline);
const others = ({ capabilities }: Session): NativeCapability[] => capabilities.filter(({ isInline }) => !isInline);

/** INLINE capabilities are safe against the plugin's other threads, even if the plugin is not THREAD_SAFE (rule 11). */
async function callInlineBeside(session: Session): Promise<void> {
  if (session.context.gate !== undefined && !session.instance.vtable.wantsOneThread) await callPairs(session);
  for (let round = 0; round < ROUNDS; round++) {
    const beside = session.callAll({}, others(session));
    for (let time = 0; time < CALLERS; time++) await session.callAll({}, inline(session));
    await beside;
  }
}

/** Each INLINE capability together with each of the others. */
async function callPairs(session: Session): Promise<void> {
  const change = together(session, 2);
  for (const pair of inline(session).flatMap((one) => others(session).map((other) => [one, other]))) {
    await Promise.all(pair.map((capability) => session.callAll(change, [capability])));
  }
}

export const THREAD_CHECKS: readonly DynamicCheck[] = [
  row(
    {
      id: 'threads-not-joined',
      source: 'rule 10',
      title: 'shutdown ends every thread that the plugin started',
      breaks: 'The thread runs code and uses memory of a plugin that is gone: a crash.',
    },
    threadsJoined,
  ),
  row(
    {
      id: 'called-after-shutdown',
      source: 'rule 10',
      title: 'The plugin calls no host function after shutdown has returned',
      breaks: 'A thread of the plugin still runs. The call returns CLOSED.',
    },
    withSession({}, (session) => session.callAll(), async (session) => {
      await pause(300);
      return [...violationsOf(session, 'called-after-shutdown'), ...unfinished(session)];
    }),
  ),
  row(
    {
      id: 'inline-blocks',
      source: 'rule 11',
      title: 'INLINE capabilities do not block',
      breaks: 'The host stands still for as long as the plugin blocks.',
    },
    withSession({}, measureInline, unfinished),
  ),
  row(
    { id: 'inline-on-main', source: 'rule 11', title: 'INLINE capabilities run on the main thread of a host', breaks: 'The host hangs: its host functions cannot answer while the plugin waits.' },
    withSession({}, (session) => session.callAll({ onMain: true }, inline(session)), unfinished),
  ),
  row(
    { id: 'inline-beside-others', source: 'rule 11', title: 'INLINE capabilities run while another thread is inside the plugin', breaks: 'Data races: wrong answers or crashes.' },
    withSession({}, callInlineBeside, unfinished),
  ),
  row(
    { id: 'calls-at-once', source: 'rule 11', title: 'A THREAD_SAFE plugin is called from many threads at once', breaks: 'Data races: wrong answers or crashes.' },
    withSession({}, callAtOnce, unfinished),
  ),
  row(
    { id: 'calls-on-any-thread', source: 'rule 8', title: 'Each call comes on another thread', breaks: 'State of a thread is missing on the next one.' },
    withSession({}, callTogether, unfinished),
  ),
];
