import { error, type DynamicCheck } from '../../check.js';
import { samplesOf } from '../inputs/samples.js';
import { withSession, type Session } from '../session.js';
import { row, unfinished } from './row.js';

/** Longer than what hosts lend, so that an answer with the text in it is in memory of the plugin. */
const LONG_TEXT = 100_000;
/** A function that must not block blocks if it takes that long each time: once may be the machine. */
const MAX_RELEASE_MS = 1000;
const ATTEMPTS = 3;

/** Calls everything with long texts. Before an answer is released, the same capability answers another call. */
async function overlap(session: Session): Promise<void> {
  if (!session.instance.vtable.isThreadSafe) return; // hosts release an answer before they make the next call
  for (const capability of session.capabilities) {
    for (const { method, input } of samplesOf(capability.descriptor, { random: session.random, textLength: LONG_TEXT })) {
      if (session.isOver) return;
      const other = samplesOf(capability.descriptor, { random: session.random })[0]?.input ?? '{}';
      await session.call({ capability, method, input, beforeRelease: async () => void (await session.call({ capability, method, input: other })) });
    }
  }
}

async function releaseOnMain(session: Session): Promise<void> {
  for (const capability of session.capabilities) {
    for (const { method, input } of samplesOf(capability.descriptor, { random: session.random, textLength: LONG_TEXT })) {
      const times: number[] = [];
      do {
        if (session.isOver) return;
        times.push((await session.call({ capability, method, input, releaseOnMain: true })).releaseMs);
      } while (Math.min(...times) > MAX_RELEASE_MS && times.length < ATTEMPTS);
      if (Math.min(...times) > MAX_RELEASE_MS) session.findings.push(error(`${capability.descriptor.kind} ${capability.descriptor.name}: release blocked for more than ${MAX_RELEASE_MS} ms`));
    }
  }
}

export const OWNED_CHECKS: readonly DynamicCheck[] = [
  row(
    { id: 'owned-until-release', source: 'ABI: aisopod_reply.release', title: 'An answer in memory of a THREAD_SAFE plugin stays as it is until release, whatever is called meanwhile', breaks: 'A caller gets the answer of another call.' },
    withSession({}, overlap, (session) => [
      ...new Set(session.outcomes.flatMap(({ problem, invocation }) => (problem === undefined ? [] : [`${invocation.label}: ${problem}`]))),
    ].map((message) => error(message)).concat(unfinished(session))),
  ),
  row(
    { id: 'release-blocks', source: 'rule 11', title: 'release does not block, and runs on the main thread of a host', breaks: 'The host stands still, or hangs.' },
    withSession({}, releaseOnMain, unfinished),
  ),
];
