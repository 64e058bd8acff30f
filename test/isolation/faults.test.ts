import { beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder, testWhere } from '../support/fixtures.js';
import { pause } from '../support/host.js';
import { holdings, holdingsDownTo, type Holdings } from '../support/leaks.js';
import { isThorough } from '../support/thorough.js';
import { FAULTS, endOfFault, hangs, isCaughtByLoader, lacksFor } from './fault-table.js';
import { LIFE_STEPS, TOOLS, commitFault, endOf, type FaultStep, type Seen, type Transport } from './fault.js';
import { openIn, type HomeHost } from './homes.js';

const isLinux = process.platform === 'linux';
const CHILDREN_AT_ONCE = 4;

const isTool = (step: FaultStep): boolean => TOOLS.some((tool) => tool === step);

const STEPS: readonly FaultStep[] = [...LIFE_STEPS, ...TOOLS];

/**
 * No destructor runs, since a child ends by _exit: three faults show it. A flood takes long, and is the same everywhere. Before a release
 * each fault is committed in each step, else in every other one, and over a socket.
 */
function faultsOf(step: FaultStep, transport: Transport): readonly string[] {
  if (step === 'destructor') return ['segv', 'spin', 'exit'];
  const faults = FAULTS.filter((fault) => fault !== 'flood' || ['init', 'worker', 'idle'].includes(step));
  if (isThorough || transport === 'socket') return faults;
  return faults.filter((fault) => fault === 'flood' || (FAULTS.indexOf(fault) + STEPS.indexOf(step)) % 2 === 0);
}

/** Whether the child ends by itself, or is killed for an invocation that is not over some time after its deadline. */
function mustCrash(step: FaultStep, fault: string): boolean {
  return hangs(fault) ? isTool(step) && step !== 'idle' : endOfFault(step, fault) !== 'survived';
}

/** Every fault of a step, a few at a time. */
async function commitAll(step: FaultStep, folder: string, transport: Transport): Promise<Map<string, Seen>> {
  const seen = new Map<string, Seen>();
  const left = faultsOf(step, transport).filter((fault) => lacksFor(fault) === undefined);
  const commitSome = async (): Promise<void> => {
    for (let fault = left.shift(); fault !== undefined; fault = left.shift()) {
      const own = path.join(folder, fault);
      mkdirSync(own);
      seen.set(fault, await commitFault(step, fault, mustCrash(step, fault), own, transport));
    }
  };
  await Promise.all(Array.from({ length: CHILDREN_AT_ONCE }, commitSome));
  return seen;
}

const STEP_IN_ERROR = { constructor: 'open', create: 'create', register: 'register', init: 'init', shutdown: 'shutdown' } as const;

/** What failed is a typed error that says of whom, in which step and why. */
function expectNamed(step: FaultStep, fault: string, { error, crash, answers, shutdownError }: Seen): void {
  if (endOfFault(step, fault) === 'survived') {
    expect({ error, crash, answers, shutdownError }).toEqual({ answers: true });
    return;
  }
  if (step === 'idle') {
    expect({ error, answers }).toEqual({ answers: false });
    expect(crash).toMatchObject({ during: 'idle', plugins: ['crasher'] });
    return;
  }
  if (isTool(step) && fault.startsWith('close-') && error === undefined) {
    // The answer came through shared memory, which does not need what was closed.
    expect({ answers, shutdownError }).toEqual({ answers: false });
    expect(crash).toMatchObject({ plugins: ['crasher'] });
    return;
  }
  if (isTool(step)) {
    expect(error).toMatchObject({ name: 'InvocationError', pluginId: 'crasher', step: 'active', capability: `tool ${step}` });
    expect(crash).toMatchObject({ during: `tool ${step}`, plugins: ['crasher'] });
    expect({ answers, shutdownError }).toEqual({ answers: false });
  } else {
    const failure = error ?? shutdownError;
    expect(failure).toMatchObject({ pluginId: 'crasher', path: expect.stringContaining('crasher') });
    expect(failure?.step).toBe(STEP_IN_ERROR[step as keyof typeof STEP_IN_ERROR]);
  }
  if (isCaughtByLoader(step, fault)) expect({ code: error?.code, crash }).toEqual({ code: 'ERR_LIBRARY_LOAD', crash: undefined });
  else if (!hangs(fault)) expect((error ?? shutdownError)?.message).toContain(crash?.reason);
}

let bystander: HomeHost;
beforeAll(async () => {
  bystander = await openIn('process', ['good-c']);
  await commitFault('worker', 'none', false, temporaryFolder()); // what the first child costs for good
});

/** What a fault does to the process is the same over a socket; how the host learns of it is seen in any of the tools. */
const OVER_SOCKET = isThorough ? TOOLS : (['worker'] as const);
const OVER: readonly (readonly [FaultStep, Transport])[] = [...STEPS.map((step) => [step, 'auto'] as const), ...OVER_SOCKET.map((step) => [step, 'socket'] as const)];

describe.each(OVER)('a fault in %s (transport: %s)', (step, transport) => {
  const folder = temporaryFolder();
  const answersOfBystander: unknown[] = [];
  let seen: Map<string, Seen>;
  let before: Holdings | undefined;

  beforeAll(async () => {
    before = isLinux ? holdings() : undefined;
    let isOver = false;
    const ask = async (): Promise<void> => {
      for (let n = 0; !isOver; n++) {
        answersOfBystander.push(await bystander.tool('echo').call({ n }));
        await pause(10);
      }
    };
    const asking = ask();
    seen = await commitAll(step, folder, transport);
    isOver = true;
    await asking;
  });

  for (const fault of faultsOf(step, transport)) {
    testWhere(lacksFor(fault) === undefined, lacksFor(fault) ?? '')(`${fault} ends as it must, and names plugin, step and cause`, () => {
      const what = seen.get(fault);
      if (what === undefined) throw new Error('it was not committed');
      expect(endOf(what)).toMatch(endOfFault(step, fault));
      expectNamed(step, fault, what);
    });
  }

  test('is nothing to another plugin', () => {
    expect(answersOfBystander.length).toBeGreaterThan(0);
    expect(answersOfBystander).toEqual(answersOfBystander.map((_, n) => ({ n })));
  });

  testWhere(isLinux, 'no /proc to count in')('leaves no process, zombie, descriptor or callback slot', async () => {
    if (before === undefined) throw new Error('nothing was counted before');
    expect(await holdingsDownTo(before)).toEqual(before);
  });

  test('leaves no temporary file', () => {
    const left = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
    expect(left.map(({ name }) => name)).toEqual([]);
  });
});
