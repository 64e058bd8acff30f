/**
 * The program that a sandboxed child begins with: `node launcher PROGRAM ARGUMENT LAST_DESCRIPTOR CONNECTION`. It waits for the host
 * to say through its CONNECTION what the plugin may reach, restricts itself, and then becomes Node again, with PROGRAM, in the same
 * process. A restriction in place would not do: Landlock does not reach the threads that Node has started, and Node aborts if a
 * filter takes io_uring away from it.
 */
import { existsSync, openSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { becomeProgram, isInheritable, keepForPrograms } from '../../library/index.js';
import { closeInherited } from '../../machine/close-inherited.js';
import { preferForOomKiller } from '../../machine/oom-score.js';
import { firstFilter, startFilter } from './filters.js';
import { installFilter } from './install-filter.js';
import { readOrder } from './launch-order.js';
import { READ, RUN, WRITE, restrict, type PathRule } from './landlock.js';
import { networkFiles, ownFiles, processFiles } from './own-files.js';
import type { Policy } from './policy.js';
import { dropPrivileges, forbidCoreFiles } from './privileges.js';
import type { FilterSettings } from './rules.js';
import type { Seal } from './seal.js';
import { ARCHITECTURE } from './system-calls.js';
import { tracedRules } from './trace/traced-rules.js';

function launch(program: string, argument: string, lastDescriptor: number, connection: number): void {
  if (ARCHITECTURE === undefined) throw new Error(`there is no sandbox on ${process.platform}-${process.arch}`);
  preferForOomKiller();
  if (!closeInherited(lastDescriptor)) closeInherited(lastDescriptor, isInheritable);
  const needed = ownFiles(program);
  const pins = pin([...processFiles(), ...needed]);
  // Node makes what it inherits close-on-exec.
  for (let fd = 0; fd <= lastDescriptor; fd++) keepForPrograms(fd);
  const order = readOrder(connection);
  if (order === undefined) return;
  const { policy } = order;
  Object.assign(process.env, order.env);
  if (policy.connect.length > 0) process.env.RES_OPTIONS = 'use-vc'; // name servers are asked over TCP
  forbidCoreFiles();
  dropPrivileges();
  const rules = restrictFiles(policy, needed);
  const [mayRun, mayConnect, mayListen] = [policy.run, policy.connect, policy.listen].map((list) => list.length > 0) as [boolean, boolean, boolean];
  const settings: FilterSettings = { pid: process.pid, landlockAbi: policy.landlockAbi, mayRun, mayConnect, mayListen };
  installFilter(policy.isTraced ? startFilter(ARCHITECTURE) : firstFilter(ARCHITECTURE, settings), { allThreads: false });
  const seal: Seal = { mayRun, asksToConnect: policy.asksToConnect, pins, ...(policy.isTraced && { traced: { settings, rules: tracedRules(rules) } }) };
  const problem = becomeProgram(process.execPath, [program, argument, JSON.stringify(seal), 'closed']);
  throw new Error(`${process.execPath} could not be started again: ${getSystemErrorName(-problem)}`);
}

/** Returns the rules. */
function restrictFiles({ landlockAbi, read, write, run, connect, listen }: Policy, needed: readonly PathRule[]): readonly PathRule[] {
  const withRights = (rights: number) => (path: string) => ({ path, rights });
  const own = [...needed, ...processFiles(), ...(connect.length > 0 ? networkFiles() : [])];
  const granted = [...read.map(withRights(READ)), ...write.map(withRights(WRITE)), ...run.map(withRights(RUN))];
  const missing = restrict({ abi: landlockAbi, own, granted, connect, listen });
  if (missing.length > 0) process.stderr.write(`not granted: ${missing.join(', ')}\n`);
  return [...own, ...granted];
}

const O_PATH = 0o1000_0000;

/** Holds files in /proc, which the kernel forgets otherwise, and makes anew when they are opened again. */
function pin(rules: readonly PathRule[]): readonly number[] {
  const paths = rules.map(({ path }) => path).filter((path) => path.startsWith('/proc/') && existsSync(path));
  return paths.map((path) => {
    const fd = openSync(path, O_PATH);
    keepForPrograms(fd);
    return fd;
  });
}

const [, , program = '', argument = '', lastDescriptor, connection] = process.argv;
launch(program, argument, Number(lastDescriptor), Number(connection));
