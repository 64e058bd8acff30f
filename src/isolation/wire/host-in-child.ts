import { writeSync } from 'node:fs';
import { LoadError } from '../../errors/index.js';
import { encodeFrame } from './frames.js';
import { PROTOCOL_FD, type ChildMessage } from './messages.js';

/**
 * Set for what is started as a child, until the program of a child runs in it: the descriptor of its connection to the host.
 * `ASKED` for a program that is only asked whether it is Node.
 */
export const STARTED_AS_CHILD = 'AISOPOD_PLUGIN_CHILD';
export const ASKED = 'asked';

export const NODE_PATH_ADVICE = 'Give processes.nodePath: the absolute path of Node, as on this machine.';

/** From here on this process is a child; what a plugin starts is not one. */
export function becomeChild(): void {
  delete process.env[STARTED_AS_CHILD];
}

/**
 * A host that is one executable file may get itself where it wanted Node for a child, and its child the same, without end.
 * So no host opens in a process that was started as a child; the one that started it is told at once.
 * @throws LoadError ERR_CHILD_PROCESS
 */
export function refuseHostInChild(): void {
  const started = process.env[STARTED_AS_CHILD];
  if (started === undefined) return;
  if (started === ASKED) process.exit(1); // it was started for its answer alone, which is not Node's
  if (started === String(PROTOCOL_FD)) tellHost({ type: 'notNode' });
  const reason = 'this process was started as the child of another host, which took its program for Node';
  throw new LoadError('ERR_CHILD_PROCESS', { reason, advice: NODE_PATH_ADVICE });
}

function tellHost(message: ChildMessage): void {
  try {
    writeSync(PROTOCOL_FD, encodeFrame(message));
  } catch {
    // The other host is gone.
  }
}
