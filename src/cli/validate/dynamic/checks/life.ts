import { LAYOUTS } from '../../../../abi/layouts.js';
import { Status, statusName } from '../../../../abi/status.js';
import { SUPPORTED_ABI, abiRangeText, speaksAbi } from '../../../../abi/version.js';
import { labelOf } from '../../../../capability/descriptor.js';
import { bind } from '../../../../library/index.js';
import { copyOf } from '../../../../library/payload.js';
import { error, warning, type CheckContext, type DynamicCheck, type Finding, type Subject } from '../../check.js';
import { CannotRun } from '../plugin/cannot-run.js';
import { requireOk } from '../plugin/instance.js';
import { Session, sessionWithCopy, withSession } from '../session.js';
import { row, rowThatStarts, unfinished, violationsOf } from './row.js';

/** What the plugin registered, as text that can be compared. */
const registered = ({ capabilities }: Session): readonly string[] => capabilities.map(({ descriptor, isInline }) => `${labelOf(descriptor)}${isInline ? ' (INLINE)' : ''}: ${descriptor.description} ${JSON.stringify(descriptor.spec) ?? ''}`);

async function startsAndStops(subject: Subject, context: CheckContext): Promise<readonly Finding[]> {
  try {
    const session = new Session(subject, context);
    await session.start();
    const end = await session.stop();
    if (end !== undefined) requireOk('shutdown', end);
    await session.instance.destroy();
    return [];
  } catch (cause) {
    if (cause instanceof CannotRun) return [error(cause.message)];
    throw cause;
  }
}

function abiVersion(subject: Subject, context: CheckContext): readonly Finding[] {
  const { library } = new Session(subject, context).instance;
  const at = library.symbol('aisopod_plugin_abi_version');
  if (at === undefined) return [error('the library does not export aisopod_plugin_abi_version')];
  const found = bind('abiVersion', at)();
  if (!speaksAbi(found)) return [error(`aisopod_plugin_abi_version returns ${found}, expected ${abiRangeText(SUPPORTED_ABI)}`)];
  const note = library.symbol('aisopod_plugin_note');
  const { abi_version: member } = LAYOUTS.aisopod_note.members;
  const noted = note === undefined ? found : copyOf(note, LAYOUTS.aisopod_note.size).readUInt32LE(member.offset);
  return noted === found ? [] : [error(`aisopod_plugin_abi_version returns ${found}, but the note says ${noted}`)];
}

function idMatches(subject: Subject, context: CheckContext): readonly Finding[] {
  const { id } = new Session(subject, context).instance.vtable;
  const expected = subject.manifest.plugin.id;
  return id === expected ? [] : [error(`the id of the plugin is ${JSON.stringify(id)}, but the manifest says ${JSON.stringify(expected)}`)];
}

async function validRegistration(subject: Subject, context: CheckContext): Promise<readonly Finding[]> {
  const session = new Session(subject, context);
  const { status, problem } = await session.register();
  const found = violationsOf(session, 'bad-registration', 'called-while-registering', 'bad-struct');
  if (problem !== undefined) return [...found, error(`the reply of register_capabilities: ${problem}`)];
  return status === Status.OK || found.length > 0 ? found : [error(`register_capabilities returned ${statusName(status)}`)];
}

async function registersAll(subject: Subject, context: CheckContext): Promise<readonly Finding[]> {
  const session = new Session(subject, context);
  requireOk('register_capabilities', await session.register());
  const names = new Set(session.capabilities.map(({ descriptor }) => `${descriptor.kind}s ${descriptor.name}`));
  const declared = Object.entries(subject.manifest.capabilities) as [string, readonly string[]][];
  const missing = declared.flatMap(([kinds, list]) => list.filter((name) => !names.has(`${kinds} ${name}`)).map((name) => `${name} (${kinds})`));
  return missing.length === 0 ? [] : [warning(`the manifest declares what the plugin does not register: ${missing.join(', ')}`)];
}

async function registersTheSame(subject: Subject, context: CheckContext): Promise<readonly Finding[]> {
  const sessions = [new Session(subject, context), sessionWithCopy(subject, context, 'copy')] as const;
  for (const session of sessions) requireOk('register_capabilities', await session.register());
  const [first, second] = sessions.map(registered);
  const differs = first?.find((each, index) => second?.[index] !== each) ?? (first?.length === second?.length ? undefined : 'their number');
  return differs === undefined ? [] : [error(`a second copy of the plugin registers something else: ${differs.slice(0, 200)}`)];
}

/** Another status for each registration, then the plugin is destroyed. What goes wrong crashes or hangs. */
async function refusedRegistration(subject: Subject, context: CheckContext): Promise<readonly Finding[]> {
  const session = new Session(subject, context);
  session.host.refuse('register_capability', Status.DUPLICATE, Status.INVALID, Status.TOO_LARGE, Status.UNDECLARED, Status.DENIED);
  session.host.refuse('log', Status.FULL, Status.CLOSED);
  await session.register();
  await session.instance.destroy();
  return [];
}

async function destroyEarly(subject: Subject, context: CheckContext): Promise<readonly Finding[]> {
  await new Session(subject, context).instance.destroy();
  const registeredOnly = sessionWithCopy(subject, context, 'copy');
  await registeredOnly.register();
  await registeredOnly.instance.destroy();
  return [];
}

async function loadsAgain(subject: Subject, context: CheckContext): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const name of ['first', 'second', 'third']) {
    const session = sessionWithCopy(subject, context, name);
    const reason = await session.start().then(
      () => undefined,
      (cause: unknown) => {
        if (name !== 'first' && cause instanceof CannotRun) return cause.message;
        throw cause;
      },
    );
    if (reason !== undefined) return [error(`the ${name} copy does not start after the one before has ended: ${reason}`)];
    await session.callAll();
    const end = await session.stop();
    if (end === undefined) return unfinished(session);
    if (end.status !== Status.OK) findings.push(error(`shutdown of the ${name} copy returned ${statusName(end.status)}`));
    await session.instance.destroy();
  }
  return findings;
}

async function twoCopies(subject: Subject, context: CheckContext): Promise<readonly Finding[]> {
  const [first, second] = [sessionWithCopy(subject, context, 'first'), sessionWithCopy(subject, context, 'second')];
  await first.start();
  try {
    await second.start();
  } catch (cause) {
    if (cause instanceof CannotRun) return [error(`a second copy does not start while the first is active: ${cause.message}`)];
    throw cause;
  }
  for (const session of [first, second, first]) await session.callAll();
  if ((await first.stop()) === undefined) return unfinished(first);
  await first.instance.destroy();
  await second.callAll();
  if ((await second.stop()) === undefined) return unfinished(second);
  await second.instance.destroy();
  const wrong = [first, second].flatMap((session) => violationsOf(session, 'unknown-invocation', 'called-after-shutdown'));
  return wrong.length === 0 ? [] : [error('with two copies of the plugin in one process, one uses the host functions of the other', wrong.map(({ message }) => message).join('\n'))];
}

const structNow = ({ instance }: Session): string => copyOf(instance.vtable.address, LAYOUTS.aisopod_plugin.size).toString('hex');

/** What the system allows: Windows has no names with double quotes. */
const UNUSUAL_NAME = process.platform === 'win32' ? "a folder's dätä ✓ 数据 %s" : "a folder's dätä ✓ \"quoted\" 数据 %s";

export const LIFE_CHECKS: readonly DynamicCheck[] = [
  row({ id: 'starts-and-stops', source: 'rule 10', title: 'register_capabilities, init and shutdown return OK', breaks: 'The plugin does not become active, or its end is reported as a failure.' }, startsAndStops),
  row({ id: 'abi-version', source: 'rule 3', title: 'The library is for a supported ABI version, and says the same in its note', breaks: 'Hosts refuse the plugin: ERR_ABI_MISMATCH.' }, abiVersion),
  row({ id: 'id-matches', source: 'manifest', title: 'The id in aisopod_plugin is the id of the manifest', breaks: 'Hosts refuse the plugin: ERR_ID_MISMATCH.' }, idMatches),
  row({ id: 'valid-registration', source: 'rule 7', title: 'register_capabilities registers valid capabilities that the manifest declares, and does nothing else', breaks: 'One refused registration fails the plugin.' }, validRegistration),
  row({ id: 'registers-all', source: 'manifest', title: 'The plugin registers everything that its manifest declares', breaks: 'Lists show capabilities that cannot be called.' }, registersAll),
  row({ id: 'registers-the-same', source: 'ABI: register_capabilities', title: 'The plugin registers the same each time it is loaded', breaks: 'A restart or reload of the plugin changes what it offers.' }, registersTheSame),
  row({ id: 'refused-registration', source: 'rule 7', title: 'The plugin survives a refused registration', breaks: 'A name that is taken takes the host down.' }, refusedRegistration),
  row({ id: 'destroyed-early', source: 'ABI: aisopod_plugin_destroy', title: 'The plugin can be destroyed before init, and before it has registered anything', breaks: 'A failed load takes the host down.' }, destroyEarly),
  row({ id: 'loads-again', source: 'rule 10', title: 'After shutdown, the plugin can be loaded again in the same process', breaks: 'A reload fails.' }, loadsAgain),
  row({ id: 'two-copies', source: 'ABI: aisopod_plugin_create', title: 'Two copies of the plugin can be active in one process', breaks: 'During a reload, the old copy and the new one disturb each other.' }, twoCopies),
  row(
    { id: 'struct-unchanged', source: 'ABI: aisopod_plugin', title: 'What create returned does not change until destroy', breaks: 'Hosts read the struct once, and call what it contained then.' },
    async (subject, context) => {
      const session = new Session(subject, context);
      const before = structNow(session);
      await session.start();
      await session.callAll();
      if ((await session.stop()) === undefined) return unfinished(session);
      return structNow(session) === before ? [] : [error('aisopod_plugin has changed since create')];
    },
  ),
  rowThatStarts(
    { id: 'unusual-data-folder', source: 'ABI: aisopod_init', title: 'The data folder may have any name: spaces, quotes, other scripts', breaks: 'The plugin does not start for some users.' },
    withSession({ dataFolder: UNUSUAL_NAME }, (session) => session.callAll(), unfinished),
  ),
];
