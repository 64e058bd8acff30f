import { Worker } from 'node:worker_threads';
import { koffiPath } from '../../library/koffi-path.js';
import { RunnerState, W, newWords } from './layout.js';

const YOUNG_GENERATION_MB = 1;

/** What a thread runs: a text that finds `koffi`, `shared`, `parentPort` and `data`. */
interface ThreadProgram {
  readonly program: string;
  readonly data: object;
}

/**
 * What the thread of a runner does first: it loads koffi, which takes a while. It is text so that it needs no file of its own, which a
 * bundle would lose. It is at rest (layout.ts) before that, and while it waits for a program.
 */
const BEGIN = `
'use strict';
const { workerData: { shared, koffiPath, data }, parentPort, receiveMessageOnPort } = require('node:worker_threads');
const change = (from, to) => {
  const words = new Int32Array(shared);
  if (Atomics.compareExchange(words, ${W.runner}, from, to) !== ${RunnerState.stopped}) return;
  Atomics.store(words, ${W.parked}, 1);
  Atomics.notify(words, ${W.parked});
  for (;;) Atomics.wait(words, ${W.never}, 0);
};
change(${RunnerState.asleep}, ${RunnerState.awake});
// Otherwise Node reads the package.json of the current folder, which a sandbox may forbid and which may be broken.
const koffi = require('node:module').createRequire(koffiPath)(koffiPath);
`;

/** What follows if the thread was started before its program was known. Only a child does that, which always is Node. */
const WAIT = `
change(${RunnerState.awake}, ${RunnerState.asleep});
Atomics.wait(new Int32Array(shared), ${W.hasProgram}, 0);
const { message } = receiveMessageOnPort(parentPort);
require('node:vm').compileFunction(message.program, ['koffi', 'shared', 'parentPort', 'data'])(koffi, shared, parentPort, message.data);
`;

/** The thread of a runner. This file needs little, so that a child can start the thread first of all, before it knows the program. */
export class RunnerThread {
  readonly shared = newWords();
  readonly worker: Worker;

  /** @throws the error of Node if no thread can start */
  constructor(given?: ThreadProgram) {
    this.worker = new Worker(BEGIN + (given?.program ?? WAIT), {
      eval: true,
      workerData: { shared: this.shared, koffiPath: koffiPath(), data: given?.data },
      // Otherwise the hooks of NODE_OPTIONS and of the host's flags run in it.
      execArgv: [],
      env: {},
      // Otherwise Node makes the pipes of this process non-blocking, and native code loses what it prints.
      stdout: true,
      stderr: true,
      trackUnmanagedFds: false,
      // No limit of the old generation: one that is reached ends the thread.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.worker.unref();
  }

  /** Runs a program, if none was given at the start. */
  run(program: ThreadProgram): void {
    this.worker.postMessage(program);
    const words = new Int32Array(this.shared);
    Atomics.store(words, W.hasProgram, 1);
    Atomics.notify(words, W.hasProgram);
  }
}
