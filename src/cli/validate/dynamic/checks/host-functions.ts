import { Status } from '../../../../abi/status.js';
import type { HostFunctionName } from '../../../../library/index.js';
import { error, warning, type DynamicCheck, type Finding } from '../../check.js';
import { ReplyQueue } from '../plugin/reply-queue.js';
import { withSession, type Session } from '../session.js';
import { violations } from './completion.js';
import { row, unfinished } from './row.js';

const ERRORS = Object.values(Status).filter((status) => status < 0);

/** More lines than a person would read for one call. */
const MAX_LINES_PER_CALL = 1000;

/** Each error status once, and then again for as long as the calls last. What goes wrong crashes or hangs. */
const refusing = (name: HostFunctionName) =>
  withSession({}, async (session) => {
    for (const status of ERRORS) {
      if (session.isOver) return;
      session.host.refuse(name, status);
      await session.callAll();
      // A capability that does not use the function leaves the refusal: then there is no need to go on.
      if (session.host.pendingRefusals(name) > 0) return;
    }
  }, (session) => stuck(session, `if ${name} returns an error`));

const stuck = ({ outcomes }: Session, when: string): readonly Finding[] =>
  outcomes.filter(({ never }) => never !== undefined).map(({ invocation }) => error(`${invocation.label} does not come to an end ${when}`));

async function withoutRoom(session: Session): Promise<void> {
  await session.callAll({ room: 0, patienceMs: 300 });
  await session.callAll({ room: 1, patienceMs: 300 });
}

/** The host answers what the plugin asks for: with a failure, or with an object, sometimes before `call` has returned. */
const answering = (status: number, text: string, early: boolean) =>
  withSession({}, async (session) => {
    const queue = new ReplyQueue(status, text, early);
    session.host.onCall = (call) => queue.add(call);
    await session.callAll();
    await queue.empty();
  }, unfinished);

async function closed(session: Session): Promise<void> {
  session.host.isClosed = true;
  await session.callAll({ patienceMs: 300 });
}

export const HOST_FUNCTION_CHECKS: readonly DynamicCheck[] = [
  row({ id: 'valid-structs', source: 'rule 6', title: 'Structs for host functions are aligned and have the size of the header', breaks: 'The host function returns INVALID and does nothing.' }, violations('bad-struct')),
  row({ id: 'valid-logs', source: 'ABI: aisopod_log', title: 'Lines for the log are UTF-8 of at most 64 KiB, with a level of the header', breaks: 'Lines are cut, garbled, or logged with another level.' }, violations('bad-log')),
  row(
    { id: 'few-logs', source: 'ABI: aisopod_log', title: `A call writes at most ${MAX_LINES_PER_CALL} lines to the log`, breaks: 'The log of the host has no room for anything else.' },
    withSession({}, (session) => session.callAll(), ({ host, outcomes }) => {
      const [lines, calls] = [host.logs.length, Math.max(1, outcomes.length)];
      return lines > MAX_LINES_PER_CALL * calls ? [warning(`${lines} lines in ${calls} calls`)] : [];
    }),
  ),
  row({ id: 'valid-chunks', source: 'ABI: aisopod_chunk', title: 'Chunks have a tag and a format of the header, and JSON chunks contain JSON', breaks: 'The caller gets an error instead of the chunk.' }, violations('bad-chunk')),
  row({ id: 'valid-completions', source: 'rule 20', title: 'complete gets a final status and a payload', breaks: 'The call ends with ERR_INVALID_REPLY.' }, violations('bad-completion')),
  row({ id: 'valid-calls', source: 'ABI: aisopod_call', title: 'Calls to other capabilities name a kind, a method, JSON input and on_reply', breaks: 'The host function returns INVALID and does nothing.' }, violations('bad-call')),
  ...(['log', 'emit', 'complete', 'call'] as const).map((name) =>
    row({ id: `${name}-refused`, source: 'ABI: aisopod_host', title: `The plugin survives each error that ${name} may return`, breaks: 'The plugin crashes or hangs when a host is busy, full or closed.' }, refusing(name)),
  ),
  row({ id: 'no-room-for-chunks', source: 'rule 18', title: 'The plugin waits or goes on while emit returns FULL, and can be cancelled', breaks: 'A slow reader makes the call run for ever.' }, withSession({}, withoutRoom, (session) => stuck(session, 'while there is no room for chunks'))),
  row({ id: 'closed-host', source: 'rule 19', title: 'The plugin comes to an end if every host function returns CLOSED', breaks: 'The plugin hangs while the host shuts down.' }, withSession({}, closed, (session) => stuck(session, 'if host functions return CLOSED'))),
  row({ id: 'failed-call', source: 'rule 12', title: 'The plugin survives a failed call to another capability', breaks: 'A failure of another plugin takes this one down.' }, answering(Status.FAILED, 'refused by the validation', false)),
  row({ id: 'early-reply', source: 'ABI: aisopod_host.call', title: 'on_reply may be called before call has returned', breaks: 'The answer of a fast plugin is lost, or memory is freed twice.' }, answering(Status.OK, '{}', true)),
  row({ id: 'reply-kept', source: 'ABI: aisopod_call', title: 'The answer of a call is not used after on_reply has returned', breaks: 'The plugin reads memory of something else.' }, answering(Status.OK, '{"approved":true,"result":[1,2,3]}', false)),
];
