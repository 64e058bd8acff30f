import { LAYOUTS } from '../../../../abi/layouts.js';
import { Status } from '../../../../abi/status.js';
import { HEADER_SIZES } from '../../../../abi/header-sizes.js';
import { warning, type DynamicCheck } from '../../check.js';
import { samplesOf } from '../inputs/samples.js';
import type { MemoryPlan } from '../plugin/memory-plan.js';
import { withSession, type Session } from '../session.js';
import { row, rowThatStarts, unfinished } from './row.js';

/** The header's promise for every call. */
const GUARANTEED_BYTES = 4096;
/** More than that, as most texts in an answer. */
const LONG_TEXT = 6000;
const OLDEST = HEADER_SIZES.get(1);

/** Uses everything once with this memory. What is wrong crashes. */
const used = (memory: MemoryPlan) =>
  withSession({ memory }, async (session) => {
    // Twice, because a plugin may read memory in the moment before it is taken away.
    for (let time = 0; time < 2; time++) await session.callAll({ context: CONTEXT });
  }, unfinished);
const CONTEXT = '{"agentId":"main","sessionKey":"s1","workspace":"/tmp"}';

async function useShortBuffers(session: Session): Promise<void> {
  for (const capability of session.capabilities) {
    for (const textLength of [undefined, LONG_TEXT]) {
      for (const { method, input } of samplesOf(capability.descriptor, { random: session.random, ...(textLength !== undefined && { textLength }) })) {
        if (session.isOver || method === 'start') continue;
        const usual = await session.call({ capability, method, input });
        if (session.isOver) return;
        const short = await session.call({ capability, method, input, memory: { lentBytes: GUARANTEED_BYTES, guarded: ['lent'] } });
        if (usual.answer?.status !== Status.OK || short.answer?.status !== Status.TOO_LARGE) continue;
        const { length } = usual.answer.bytes;
        session.findings.push(warning(`${short.invocation.label} answers with ${length} bytes if the host lends more memory, but fails with TOO_LARGE if it lends 4096 bytes`));
      }
    }
  }
}

export const MEMORY_CHECKS: readonly DynamicCheck[] = [
  row(
    {
      id: 'request-kept-after-return',
      source: 'rule 14',
      title: 'The request is not used after invoke has returned',
      breaks: 'The plugin reads the input of another call, or crashes.',
    },
    used({ forbiddenAfter: ['request', 'method', 'input', 'context'] }),
  ),
  row(
    {
      id: 'reply-kept-after-return',
      source: 'rule 14',
      title: 'The reply and the lent buffer are not used after a function has returned',
      breaks: 'The plugin overwrites the answers of other calls.',
    },
    used({ forbiddenAfter: ['reply', 'lent'] }),
  ),
  row(
    {
      id: 'init-kept-after-return',
      source: 'ABI: aisopod_init',
      title: 'The argument of init, its configuration and its texts are not used after init has returned',
      breaks: 'The plugin reads memory that the host uses for something else.',
    },
    used({ forbiddenAfter: ['init', 'config', 'data_dir', 'host_version'] }),
  ),
  row(
    {
      id: 'input-without-nul',
      source: 'rule 5',
      title: 'The input of a call is read by its length',
      breaks: 'strlen(input) reads behind the input: other data, or a crash.',
    },
    used({ guarded: ['input', 'context'] }),
  ),
  rowThatStarts(
    {
      id: 'config-without-nul',
      source: 'rule 5',
      title: 'The configuration is read by its length',
      breaks: 'strlen(config) reads behind the configuration: other data, or a crash.',
    },
    used({ guarded: ['config'] }),
  ),
  row(
    {
      id: 'lent-4096-bytes',
      source: 'ABI: aisopod_reply',
      title: 'An answer fits the 4096 bytes that every host lends, or is in memory of the plugin',
      breaks: 'The plugin writes behind the buffer, or its answers fail in hosts that lend no more than they have to.',
    },
    withSession({}, useShortBuffers, unfinished),
  ),
  rowThatStarts(
    {
      id: 'exact-structs',
      source: 'rule 2',
      title: 'Nothing is read or written behind the structs of the host',
      breaks: 'A struct that was written by hand and is too large reads and overwrites other memory.',
    },
    used({ guarded: ['host', 'init', 'request', 'reply', 'method', 'data_dir', 'host_version'] }),
  ),
  rowThatStarts(
    {
      id: 'minimal-structs',
      source: 'rule 2',
      title: 'Structs of the first header version are enough',
      breaks: 'The plugin crashes in an older host.',
    },
    used({ guarded: ['host', 'request'], sizes: { host: OLDEST?.hostSize ?? LAYOUTS.aisopod_host.size, request: OLDEST?.requestSize ?? LAYOUTS.aisopod_request.size } }),
  ),
  rowThatStarts(
    {
      id: 'future-structs',
      source: 'rule 2',
      title: 'Structs of a later header version, which are larger, work as well',
      breaks: 'The plugin refuses or misreads a newer host.',
    },
    used({ sizes: { host: 128, init: 96, request: 160, reply: 96 } }),
  ),
  rowThatStarts(
    {
      id: 'read-only-input',
      source: 'ABI: aisopod_request',
      title: 'The request and its input are not written to',
      breaks: 'The plugin changes data that the host still uses.',
    },
    used({ readOnly: ['request', 'method', 'input', 'context', 'init', 'config', 'data_dir', 'host_version', 'host'] }),
  ),
];
