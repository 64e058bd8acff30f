import { isUtf8 } from 'node:buffer';
import { LOG_LEVELS, MAX_LOG_LINE, MAX_NAME, kindOf, tagOf } from '../../../../abi/constants.js';
import { LAYOUTS } from '../../../../abi/layouts.js';
import { Status, isStatus } from '../../../../abi/status.js';
import { structReader, type Address, type HostFunctionName, type HostSignature, type StructReader } from '../../../../library/index.js';
import { isBadCapability, readCapability, readText } from '../../../../native/native-capability.js';
import type { HostileHost } from './hostile-host.js';
import { payload, payloadProblem } from './payload.js';

/** One function of the host. */
export interface HostFunctionRow {
  readonly signature: HostSignature;
  readonly whileRegistering: boolean;
  readonly whenClosed: number;
  run(this: void, host: HostileHost, first: number, second: number): number;
  /** The host refuses the call without looking at it. */
  onRefused?(this: void, host: HostileHost, first: number): void;
}

const status = (run: HostFunctionRow['run'], whileRegistering = false): HostFunctionRow => ({
  signature: 'status(pointer)',
  whileRegistering,
  whenClosed: Status.CLOSED,
  run,
});

/** The functions of `aisopod_host`, strict: each looks at everything that the contract says about its arguments. */
export const HOST_FUNCTIONS = {
  log: status(log, true),
  register_capability: { ...status(registerCapability, true), signature: 'status(pointer, pointer)' },
  emit: status(emit),
  complete: { ...status(complete), onRefused: completeInVain },
  call: status(call),
  get_extension: { signature: 'pointer(pointer)', whileRegistering: false, whenClosed: 0, run: getExtension },
} as const satisfies Record<HostFunctionName, HostFunctionRow>;

const logReader = structReader('aisopod_log');
const chunkReader = structReader('aisopod_chunk');
const completionReader = structReader('aisopod_completion');
const callReader = structReader('aisopod_call');
const capabilityReader = structReader('aisopod_capability');

/** Reads a struct of the plugin. Returns false, and records why, if it breaks the contract. */
function read<M extends string>(host: HostileHost, reader: StructReader<M>, at: number): boolean {
  const problem = reader.read(at);
  if (problem !== undefined) {
    host.violation('bad-struct', `${reader.name}, ${problem.member}: expected ${problem.expected}, found ${problem.found}`);
    return false;
  }
  const { size } = LAYOUTS[reader.name as keyof typeof LAYOUTS];
  const found = reader.u32('size' as M);
  if (found > size) host.violation('struct-too-large', `${reader.name}: a size of ${found}, but the header has ${size} bytes`);
  if (Object.hasOwn(reader.layout.members, 'reserved') && reader.u32('reserved' as M) !== 0) {
    host.violation('reserved-not-zero', `${reader.name}.reserved is ${reader.u32('reserved' as M)}`);
  }
  return true;
}

function log(host: HostileHost, at: number): number {
  if (!read(host, logReader, at)) return Status.INVALID;
  const level = logReader.u32('level');
  const found = payload(logReader.pointer('message'), logReader.word('message_length'));
  const bad = (what: string): void => host.violation('bad-log', `log was called with ${what}`);
  if (typeof found === 'string') {
    bad(found);
    return Status.INVALID;
  }
  if (LOG_LEVELS[level - 1] === undefined) bad(`the level ${level}`);
  if (!isUtf8(found)) bad('a message that is not UTF-8');
  if (found.length > MAX_LOG_LINE) bad(`a line of ${found.length} bytes, which hosts cut to ${MAX_LOG_LINE}`);
  host.logs.push({ level, message: found.toString('utf8') });
  return Status.OK;
}

function registerCapability(host: HostileHost, at: number): number {
  if (host.phase !== 'registering') {
    host.violation('bad-registration', 'register_capability was called after register_capabilities had returned');
    return Status.STATE;
  }
  if (!read(host, capabilityReader, at)) return Status.INVALID;
  const capability = readCapability(at);
  if (isBadCapability(capability)) {
    const { kind, capabilityName, member, expected, found } = capability;
    host.violation('bad-registration', `${kind} ${capabilityName}, ${member}: expected ${expected}, found ${found}`);
    return Status.INVALID;
  }
  const { kind, name } = capability.descriptor;
  const refusal = refusalOf(host, kind, name);
  if (refusal === Status.OK) host.capabilities.push(capability);
  return refusal;
}

function refusalOf(host: HostileHost, kind: string, name: string): number {
  if (host.capabilities.some(({ descriptor }) => descriptor.kind === kind && descriptor.name === name)) {
    host.violation('bad-registration', `${kind} ${name} is registered twice`);
    return Status.DUPLICATE;
  }
  if (host.declares(kind, name)) return Status.OK;
  host.violation('bad-registration', `${kind} ${name} is not in the manifest`);
  return Status.UNDECLARED;
}

function emit(host: HostileHost, at: number): number {
  if (!read(host, chunkReader, at)) return Status.INVALID;
  const id = chunkReader.word('invocation');
  const invocation = host.invocation(id);
  if (invocation === undefined) {
    host.violation('unknown-invocation', `emit was called for an invocation ${id}, which does not exist`);
    return Status.STALE;
  }
  if (invocation.completions > 0 || (invocation.returned !== 0 && invocation.returned !== Status.PENDING)) {
    host.violation('emitted-after-completion', `${invocation.label}: emit was called after the invocation had been answered`);
    return Status.STALE;
  }
  if (invocation.isOver) return Status.STALE;
  const found = chunkOf(host, invocation.label);
  if (found === undefined) return Status.INVALID;
  if (invocation.chunks.length >= invocation.room) return Status.FULL;
  invocation.chunks.push(found);
  return Status.OK;
}

function chunkOf(host: HostileHost, label: string): { tag: number; format: number; bytes: Buffer } | undefined {
  const tag = chunkReader.u32('tag');
  const format = chunkReader.u32('format');
  const bytes = payload(chunkReader.pointer('data'), chunkReader.word('length'));
  const problem = typeof bytes === 'string' ? bytes : payloadProblem(format, bytes);
  if (tagOf(tag) === undefined) host.violation('bad-chunk', `${label}: a chunk with the tag ${tag}`);
  if (problem !== undefined) host.violation('bad-chunk', `${label}: a chunk with ${problem}`);
  return typeof bytes === 'string' ? undefined : { tag, format, bytes };
}

function complete(host: HostileHost, at: number): number {
  if (!read(host, completionReader, at)) return Status.INVALID;
  const id = completionReader.word('invocation');
  const given = completionReader.i32('status');
  const format = completionReader.u32('format');
  const invocation = host.invocation(id);
  if (invocation === undefined) {
    host.violation('unknown-invocation', `complete was called for an invocation ${id}, which does not exist`);
    return Status.STALE;
  }
  const bytes = payload(completionReader.pointer('data'), completionReader.word('length'));
  if (invocation.onCompletion() > 0) {
    host.violation('completed-twice', `${invocation.label}: complete was called again for an invocation that it had completed`);
    return Status.STALE;
  }
  if (invocation.returned !== 0 && invocation.returned !== Status.PENDING) {
    host.violation('completed-and-returned', `${invocation.label}: invoke returned an answer, and complete was called as well`);
    return Status.STALE;
  }
  const wrong = typeof bytes === 'string' ? bytes : !isStatus(given) || given === Status.PENDING ? `the status ${given}` : undefined;
  if (wrong !== undefined) host.violation('bad-completion', `${invocation.label}: complete was called with ${wrong}`);
  if (invocation.isOver) return Status.STALE;
  if (typeof bytes === 'string' || wrong !== undefined) return Status.INVALID;
  invocation.completion = { status: given, format, bytes };
  return Status.OK;
}

/** The plugin is done with the invocation, although nobody gets its answer. */
function completeInVain(host: HostileHost, at: number): void {
  if (completionReader.read(at) !== undefined) return;
  const invocation = host.invocation(completionReader.word('invocation'));
  if (invocation !== undefined) invocation.isOver = true;
  invocation?.onCompletion();
}

function call(host: HostileHost, at: number): number {
  if (!read(host, callReader, at)) return Status.INVALID;
  const kind = kindOf(callReader.u32('kind'));
  const parent = callReader.word('parent');
  const onReply = callReader.pointer('on_reply');
  const user = callReader.opaque('user');
  const format = callReader.u32('format');
  const input = payload(callReader.pointer('input'), callReader.word('input_length'));
  const [nameAt, methodAt] = [callReader.pointer('name'), callReader.pointer('method')];
  const name = readText(nameAt, MAX_NAME);
  const method = readText(methodAt, MAX_NAME);
  const problem = typeof input === 'string' ? input : payloadProblem(format, input);
  const bad = (what: string): number => {
    host.violation('bad-call', `call was called with ${what}`);
    return Status.INVALID;
  };
  if (kind === undefined) return bad('a kind that the header does not define');
  if (name === undefined || method === undefined) return bad('a name or method that is NULL, too long or not UTF-8');
  if (onReply === 0) return bad('NULL as on_reply');
  if (problem !== undefined) return bad(problem);
  if (parent !== 0 && host.invocation(parent) === undefined) return bad(`the parent ${parent}, which is no invocation`);
  return host.onCall({ kind, name, onReply, user });
}

function getExtension(_host: HostileHost, id: number): number {
  readText(id as Address, MAX_NAME);
  return 0;
}
