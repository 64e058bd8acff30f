import { koffi } from './koffi-settings.js';
import { addressOf, ownBuffer } from './memory.js';

/** Windows: what a process can give up by itself. */

type Call = (...args: number[]) => number;

function callOf(library: string, name: string, ...parameters: string[]): Call {
  return koffi.load(`${library}.dll`).func(name, 'intptr_t', parameters) as Call;
}

const THIS_PROCESS = -1;
const [TOKEN_DUPLICATE, TOKEN_QUERY, TOKEN_ADJUST_DEFAULT] = [0x2, 0x8, 0x80];
const [SECURITY_IMPERSONATION, TOKEN_PRIMARY] = [2, 1];
const [TOKEN_INTEGRITY_LEVEL, SE_GROUP_INTEGRITY] = [25, 0x20];
/** The last part of S-1-16-4096. */
const LOW_INTEGRITY = 0x1000;
const SID_BYTES = 12;

/** S-1-16-4096: revision, number of parts, authority, parts. */
function lowIntegritySid(): Buffer {
  const sid = ownBuffer(SID_BYTES);
  sid.set([1, 1, 0, 0, 0, 0, 0, 16]);
  sid.writeUInt32LE(LOW_INTEGRITY, 8);
  return sid;
}

/** Lowers the integrity level of a token. Returns false if the system did not. */
function lowerToken(token: number): boolean {
  const setToken = callOf('advapi32', 'SetTokenInformation', 'intptr_t', 'int', 'uintptr_t', 'uint32_t');
  const getToken = callOf('advapi32', 'GetTokenInformation', 'intptr_t', 'int', 'uintptr_t', 'uint32_t', 'uintptr_t');
  const sid = lowIntegritySid();
  const label = ownBuffer(16); // TOKEN_MANDATORY_LABEL
  label.writeBigUInt64LE(BigInt(addressOf(sid)), 0);
  label.writeUInt32LE(SE_GROUP_INTEGRITY, 8);
  if ((setToken(token, TOKEN_INTEGRITY_LEVEL, addressOf(label), label.length + SID_BYTES) & 1) === 0) return false;
  void sid.length; // referenced until here
  const found = ownBuffer(64); // the label, then its SID
  const length = ownBuffer(4);
  if ((getToken(token, TOKEN_INTEGRITY_LEVEL, addressOf(found), found.length, addressOf(length)) & 1) === 0) return false;
  const at = Number(found.readBigUInt64LE(0) - BigInt(addressOf(found)));
  return at > 0 && at + SID_BYTES <= found.length && found.readUInt32LE(at + 8) === LOW_INTEGRITY;
}

/** A handle of the token of this process; undefined if it cannot be opened. */
function openToken(access: number): number | undefined {
  const handle = ownBuffer(8);
  const open = callOf('advapi32', 'OpenProcessToken', 'intptr_t', 'uint32_t', 'uintptr_t');
  return (open(THIS_PROCESS, access, addressOf(handle)) & 1) === 0 ? undefined : Number(handle.readBigInt64LE(0));
}

const close = (handle: number): void => void callOf('kernel32', 'CloseHandle', 'intptr_t')(handle);

/** Whether this system lowers the integrity level of a process. Tries it on a copy of the token, so it changes nothing. */
export function canLowerIntegrity(): boolean {
  const token = openToken(TOKEN_DUPLICATE | TOKEN_QUERY);
  if (token === undefined) return false;
  const copy = ownBuffer(8);
  const duplicate = callOf('advapi32', 'DuplicateTokenEx', 'intptr_t', 'uint32_t', 'uintptr_t', 'int', 'int', 'uintptr_t');
  const access = TOKEN_QUERY | TOKEN_ADJUST_DEFAULT;
  const isCopied = (duplicate(token, access, 0, SECURITY_IMPERSONATION, TOKEN_PRIMARY, addressOf(copy)) & 1) !== 0;
  close(token);
  if (!isCopied) return false;
  const handle = Number(copy.readBigInt64LE(0));
  const isLowered = lowerToken(handle);
  close(handle);
  return isLowered;
}

/** Lowers the integrity level of this process, for ever: it can write only to what has a low level too. Returns false if it is not lowered. */
export function lowerIntegrity(): boolean {
  const token = openToken(TOKEN_QUERY | TOKEN_ADJUST_DEFAULT);
  if (token === undefined) return false;
  const isLowered = lowerToken(token);
  close(token);
  return isLowered;
}

/** Sets a mitigation policy of this process (PROCESS_MITIGATION_POLICY), for ever. Returns false if the system does not have it. */
export function setMitigation(policy: number, flags: number): boolean {
  const value = ownBuffer(4);
  value.writeUInt32LE(flags);
  return (callOf('kernel32', 'SetProcessMitigationPolicy', 'int', 'uintptr_t', 'size_t')(policy, addressOf(value), value.length) & 1) !== 0;
}

const [EXTENDED_LIMITS, UI_RESTRICTIONS] = [9, 4];
/** JOBOBJECT_EXTENDED_LIMIT_INFORMATION on a 64-bit system, and the places of its members. */
const EXTENDED_LIMITS_BYTES = 144;
const [LIMIT_FLAGS_AT, ACTIVE_PROCESSES_AT] = [16, 40];

export interface JobLimits {
  /** JOB_OBJECT_LIMIT_… */
  readonly flags: number;
  readonly activeProcesses: number;
  /** JOB_OBJECT_UILIMIT_… */
  readonly userInterface: number;
}

/** Puts this process into a job with limits, for ever. Returns false if the system did not. */
export function joinJob({ flags, activeProcesses, userInterface }: JobLimits): boolean {
  const job = callOf('kernel32', 'CreateJobObjectW', 'uintptr_t', 'uintptr_t')(0, 0);
  if (job === 0) return false;
  const limits = ownBuffer(EXTENDED_LIMITS_BYTES);
  limits.writeUInt32LE(flags, LIMIT_FLAGS_AT);
  limits.writeUInt32LE(activeProcesses, ACTIVE_PROCESSES_AT);
  const restrictions = ownBuffer(4);
  restrictions.writeUInt32LE(userInterface);
  const set = callOf('kernel32', 'SetInformationJobObject', 'intptr_t', 'int', 'uintptr_t', 'uint32_t');
  const isSet = [[EXTENDED_LIMITS, limits], [UI_RESTRICTIONS, restrictions]] as const;
  if (!isSet.every(([kind, value]) => (set(job, kind, addressOf(value), value.length) & 1) !== 0)) return false;
  return (callOf('kernel32', 'AssignProcessToJobObject', 'intptr_t', 'intptr_t')(job, THIS_PROCESS) & 1) !== 0;
}
