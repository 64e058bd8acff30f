import { writeSync } from 'node:fs';
import { LoadError } from '../../errors/index.js';
import { encodeFrame } from './frames.js';
import { PROTOCOL_FD, type ChildMessage } from './messages.js';

/**
 * An environment variable of a process that was started as a child; the child's program deletes it. Its value is the descriptor
 * of the connection to the host, or `ASKED` if the program is only asked whether it is Node.
 */
export const STARTED_AS_CHILD = 'AISOPOD_PLUGIN_CHILD';
export const ASKED = 'asked';

export const NODE_PATH_ADVICE = 'Set processes.nodePath to the absolute path of Node on this machine.';

/** Called first by the child's program. Programs that a plugin starts do not inherit the variable. */
export function becomeChild(): void {
  delete process.env[STARTED_AS_CHILD];
}

/**
 * A host that is packaged as a single executable may start itself instead of Node as a child, and that child another, endlessly.
 * So a process that was started as a child refuses to open a host, and reports it to the host that started it.
 * @throws LoadError ERR_CHILD_PROCESS
 */
export function refuseHostInChild(): void {
  const started = process.env[STARTED_AS_CHILD];
  if (started === undefined) return;
  if (started === ASKED) process.exit(1); // it was only asked whether it is Node
  if (started === String(PROTOCOL_FD)) notifyHost({ type: 'notNode' });
  const reason = 'this process was started as a child by another host, which took this program for Node';
  throw new LoadError('ERR_CHILD_PROCESS', { reason, advice: NODE_PATH_ADVICE });
}

function notifyHost(message: ChildMessage): void {
  try {
    writeSync(PROTOCOL_FD, encodeFrame(message));
  } catch {
    // The other host has ended.
  }
}
