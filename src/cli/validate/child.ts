import { readFileSync } from 'node:fs';
import { messageOf } from '../../errors/index.js';
import { preferForOomKiller } from '../../machine/oom-score.js';
import { deadline } from '../../options/deadline-clock.js';
import { error, type CheckContext } from './check.js';
import { DYNAMIC_CHECKS } from './dynamic/index.js';
import { EventWriter, type IsolatedRequest } from './isolated-events.js';

/** The signal of a check fires when this part of its time has passed, so that it can say itself what took so long. */
const SIGNAL_PART = 0.9;

/** The program of the process of one check. Its argument is the file with the request. */
async function main(): Promise<void> {
  preferForOomKiller(); // a plugin that takes all memory must not cost another program
  const request = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as IsolatedRequest;
  const events = new EventWriter(request.events);
  try {
    for (const finding of await runCheck(request, events)) events.write({ type: 'finding', finding });
  } catch (cause) {
    events.write({ type: 'finding', finding: error(`The check failed: ${messageOf(cause)}`, cause instanceof Error ? cause.stack : undefined) });
  }
  events.write({ type: 'done' });
  events.close();
  // The result is known. Destructors of the plugin and threads that it left behind must not change it.
  process.kill(process.pid, 'SIGKILL');
}

function runCheck({ checkId, subject, seed, timeoutMs, temporaryFolder, gate }: IsolatedRequest, events: EventWriter): ReturnType<(typeof DYNAMIC_CHECKS)[number]['run']> {
  const check = DYNAMIC_CHECKS.find(({ id }) => id === checkId);
  if (check === undefined) throw new Error(`there is no check ${checkId}`);
  const controller = new AbortController();
  deadline(timeoutMs * SIGNAL_PART, () => controller.abort());
  const context: CheckContext = {
    seed,
    timeoutMs,
    signal: controller.signal,
    temporaryFolder,
    gate,
    step: (description) => events.write({ type: 'step', description }),
    report: (finding) => events.write({ type: 'finding', finding }),
  };
  return check.run(subject, context);
}

void main();
