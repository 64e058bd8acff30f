import { Buffer } from 'node:buffer';
import { Extension } from '../../../../abi/constants.js';
import { Status, statusName } from '../../../../abi/status.js';
import { bind, structReader, type Address } from '../../../../library/index.js';
import { error, type DynamicCheck } from '../../check.js';
import { CallMemory } from '../plugin/memory-plan.js';
import { onWorker } from '../plugin/on-worker.js';
import { withSession, type Session } from '../session.js';
import { row, unfinished } from './row.js';

const reconfigureReader = structReader('aisopod_reconfigure');

/** What the plugin's get_extension returns: an address, or 0. The name is not to be used after that. */
async function extension({ instance, step }: Session, name: string): Promise<number> {
  const at = instance.vtable.getExtension;
  if (at === undefined) return 0;
  step(`get_extension("${name}")`);
  const text = Buffer.from(`${name}\0`);
  const memory = new CallMemory({ method: text.length }, { guarded: ['method'], forbiddenAfter: ['method'] });
  memory.write('method', text);
  const ask = bind('getExtension', at);
  const found = await onWorker<number>((done) => ask.async(instance.vtable.self, memory.at('method'), done));
  memory.takeBack();
  return found;
}

const UNKNOWN = ['', 'aisopod.unknown/1', 'aisopod.reconfigure/2', 'aisopod.reconfigure/1x', 'x'.repeat(128)];

async function askForUnknown(session: Session): Promise<void> {
  for (const name of UNKNOWN) {
    const found = await extension(session, name);
    if (found !== 0) session.findings.push(error(`get_extension returns a struct for ${JSON.stringify(name.slice(0, 40))}`));
  }
}

const TIMES = 3;

async function reconfigure(session: Session): Promise<void> {
  const at = await extension(session, Extension.RECONFIGURE);
  if (at === 0) return;
  const problem = reconfigureReader.read(at);
  const run = problem === undefined ? reconfigureReader.pointer('reconfigure') : (0 as Address);
  if (run === 0) {
    session.findings.push(error(problem === undefined ? 'aisopod_reconfigure.reconfigure is NULL' : `aisopod_reconfigure, ${problem.member}: expected ${problem.expected}, found ${problem.found}`));
    return;
  }
  for (let time = 0; time < TIMES; time++) {
    const { status, message, problem: wrong } = await session.instance.init(session.initValues, 'reconfigure', run);
    if (status !== Status.OK) session.findings.push(error(`reconfigure returned ${statusName(status)} for the configuration that init had accepted: ${message}`));
    if (wrong !== undefined) session.findings.push(error(`the reply of reconfigure: ${wrong}`));
    await session.callAll();
  }
}

export const EXTENSION_CHECKS: readonly DynamicCheck[] = [
  row({ id: 'unknown-extension', source: 'rule 3', title: 'get_extension returns NULL for a name that it does not know', breaks: 'A host calls functions that are not there.' }, withSession({}, askForUnknown)),
  row(
    { id: 'reconfigures', source: 'ABI: aisopod_reconfigure', title: 'The plugin takes a new configuration while it is active, and keeps none of the memory that it is passed in', breaks: 'Each change of the configuration needs a restart, or crashes.' },
    withSession({ memory: { guarded: ['config', 'init'], forbiddenAfter: ['init', 'config', 'data_dir', 'host_version'] } }, reconfigure, unfinished),
  ),
];
