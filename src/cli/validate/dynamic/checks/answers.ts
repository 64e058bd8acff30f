import { Status, isStatus, statusName } from '../../../../abi/status.js';
import { labelOf } from '../../../../capability/descriptor.js';
import { answerReader } from '../../../../capability/tool-answer.js';
import { readToolSpec, type ToolSpec } from '../../../../capability/tool-spec.js';
import { messageOf } from '../../../../errors/index.js';
import { compileSchema } from '../../../../schema/index.js';
import { error, warning, type DynamicCheck, type Finding } from '../../check.js';
import { payloadProblem } from '../host/payload.js';
import { samplesOf } from '../inputs/samples.js';
import type { Outcome } from '../plugin/invoke.js';
import { withSession, type Session } from '../session.js';
import { row, unfinished } from './row.js';

const ROUNDS = 3;

async function use(session: Session): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) await session.callAll();
}

type Judge = (outcome: Outcome, kind: string, method: string) => string | undefined;

/** Uses everything, and lets `judge` say what is wrong with an answer. */
const judging = (judge: Judge, make: (message: string) => Finding = error) =>
  withSession({}, use, (session) => {
    const messages = session.outcomes.flatMap((outcome) => {
      const problem = judge(outcome, outcome.kind, outcome.method);
      return problem === undefined ? [] : [`${outcome.invocation.label} ${problem}`];
    });
    return [...[...new Set(messages)].map((message) => make(message)), ...unfinished(session)];
  });

const statusProblem: Judge = ({ returned, never }) => (never === 'returned' || isStatus(returned) ? undefined : `returned ${returned}, which is not a status`);

/** Only in answers that hosts use: after a failure the payload is a message. */
const jsonProblem: Judge = ({ answer }) => {
  if (answer?.status !== Status.OK) return undefined;
  const problem = payloadProblem(answer.format, answer.bytes);
  return problem === undefined ? undefined : `answered with ${problem}`;
};

const messageProblem: Judge = ({ answer }) => {
  if (answer === undefined || answer.status > 0) return undefined;
  return answer.bytes.length === 0 ? `failed with ${statusName(answer.status)} and no message` : undefined;
};

/** What the answer of a kind must look like; `undefined` if it does. */
const SHAPES: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  'command run': (value) => (Number.isInteger(member(value, 'exitCode')) ? undefined : 'expected {"exitCode": a whole number}'),
  'hook handle': (value) => (['continue', 'veto', 'replace'].includes(String(member(value, 'action'))) ? undefined : 'expected an "action" that is "continue", "replace" or "veto"'),
  'provider models': (value) => (Array.isArray(value) && value.every((each) => typeof member(each, 'id') === 'string') ? undefined : 'expected a list of objects with an "id"'),
  'provider health': (value) => (['ok', 'degraded', 'down'].includes(String(member(value, 'status'))) ? undefined : 'expected a "status" that is "ok", "degraded" or "down"'),
  'provider chat': (value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'expected a message, which is an object'),
};

const member = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined);

const shapeProblem: Judge = ({ answer }, kind, method) => {
  const shape = SHAPES[`${kind} ${method}`];
  if (shape === undefined || answer?.status !== Status.OK || payloadProblem(answer.format, answer.bytes) !== undefined) return undefined;
  const text = answer.bytes.toString('utf8');
  const problem = shape(JSON.parse(text));
  return problem === undefined ? undefined : `(${method}) answered ${text.slice(0, 100)}: ${problem}`;
};

/** Kinds with more than one method. A capability of another kind need not look at the method: hosts know no other. */
const SEVERAL_METHODS: readonly string[] = ['channel', 'provider'];

/** What `start` of a channel must not do. */
const startProblem: Judge = ({ returned, answer }, kind, method) => {
  if (kind !== 'channel' || method !== 'start' || returned < 0 || returned === Status.PENDING) return undefined;
  return `(start) returned ${answer === undefined ? statusName(returned) : 'an answer'}: expected PENDING, and an answer when it is cancelled`;
};

/** Answers that do not fit what the tool has registered: its outputSchema, or content. */
async function outputs(session: Session): Promise<void> {
  for (const { descriptor } of session.capabilities) {
    const spec = descriptor.kind === 'tool' ? specOf(descriptor.spec) : undefined;
    if (spec === undefined || (spec.outputSchema === undefined && spec.result === 'json')) continue;
    const read = answerReader({ pluginId: session.subject.manifest.plugin.id, capability: labelOf(descriptor) }, spec.result, spec.outputSchema === undefined ? undefined : compileSchema(spec.outputSchema));
    await session.callAll({}, session.capabilities.filter((capability) => capability.descriptor === descriptor));
    for (const { answer } of session.outcomes.splice(0)) {
      if (answer?.status !== Status.OK || payloadProblem(answer.format, answer.bytes) !== undefined) continue;
      try {
        read(answer.bytes.toString('utf8'));
      } catch (cause) {
        session.findings.push(error(messageOf(cause)));
      }
    }
  }
}

function specOf(spec: unknown): ToolSpec | undefined {
  try {
    return readToolSpec(spec);
  } catch {
    return undefined; // see valid-specs
  }
}

async function unknownMethods(session: Session): Promise<void> {
  for (const capability of session.capabilities) {
    if (session.isOver) return;
    const input = samplesOf(capability.descriptor, { random: session.random })[0]?.input ?? '{}';
    const { returned, invocation } = await session.call({ capability, method: 'no-such-method', input });
    const isRequired = SEVERAL_METHODS.includes(capability.descriptor.kind);
    if (isRequired && returned !== Status.UNSUPPORTED) session.findings.push(error(`${invocation.label} returned ${statusName(returned)}`));
  }
}

/** A spec that hosts refuse. */
async function specs(session: Session): Promise<void> {
  for (const { descriptor } of session.capabilities) {
    if (descriptor.kind !== 'tool') continue;
    try {
      readToolSpec(descriptor.spec);
    } catch (cause) {
      session.findings.push(error(`tool ${descriptor.name}: ${(cause as Error).message}`));
    }
  }
  return Promise.resolve();
}

export const ANSWER_CHECKS: readonly DynamicCheck[] = [
  row({ id: 'known-statuses', source: 'rule 20', title: 'invoke returns a status of the header', breaks: 'The call ends with ERR_INVALID_REPLY.' }, judging(statusProblem)),
  row({ id: 'valid-replies', source: 'rule 6', title: 'A reply has a length within the buffer, or memory of the plugin with a release function, and a format of the header', breaks: 'The call ends with ERR_INVALID_REPLY.' }, judging(({ problem, returned }) => (problem === undefined || !isStatus(returned) ? undefined : `replied wrongly: ${problem}`))),
  row({ id: 'json-answers', source: 'rule 5', title: 'An answer in the format JSON is JSON in UTF-8', breaks: 'The call ends with ERR_INVALID_REPLY.' }, judging(jsonProblem)),
  row({ id: 'failure-messages', source: 'rule 20', title: 'A failure has a message', breaks: 'Nobody learns why a call has failed.' }, judging(messageProblem, warning)),
  row({ id: 'answers-of-kinds', source: 'ABI: kinds', title: 'Commands, hooks and providers answer with what their kind is to answer with', breaks: 'The call ends with ERR_INVALID_REPLY.' }, judging(shapeProblem)),
  row({ id: 'channel-start', source: 'ABI: kinds', title: 'start of a channel returns PENDING, and completes when it is cancelled', breaks: 'The channel is closed as soon as it was opened.' }, judging(startProblem)),
  row({ id: 'output-schema', source: 'ABI: aisopod_capability.spec', title: 'Answers of a tool fit its outputSchema, and are content if it says so', breaks: 'The call ends with ERR_INVALID_REPLY.' }, withSession({}, outputs, unfinished)),
  row({ id: 'unknown-method', source: 'ABI: kinds', title: 'Channels and providers, which have several methods, return UNSUPPORTED for one that they do not know', breaks: 'A method that a later host adds is taken for another one.' }, withSession({}, unknownMethods, unfinished)),
  row({ id: 'valid-specs', source: 'ABI: aisopod_capability', title: 'The spec of a tool is valid', breaks: 'The registration is refused, which fails the plugin.' }, withSession({}, specs)),
];
