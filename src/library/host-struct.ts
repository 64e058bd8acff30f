import { LAYOUTS } from '../abi/layouts.js';
import { Status } from '../abi/status.js';
import { ABI_VERSION } from '../abi/version.js';
import { koffi } from './koffi-settings.js';
import { addressOf, copyBytes, immortal, ownBuffer, type Address } from './memory.js';

/**
 * The host functions of one plugin, called on the main thread with the addresses that the plugin gave. Each answers a
 * status; what they throw is answered as FAILED.
 */
export interface HostFunctions {
  log(record: number): number;
  registerCapability(capability: number, reply: number): number;
  emit(chunk: number): number;
  complete(completion: number): number;
  call(call: number): number;
  /** Address of an extension's struct, or 0. */
  getExtension(id: number): number;
}

/** Contexts are numbers, not addresses: one that is unknown or closed is answered, not followed (rule 19). */
const contexts = new Map<number, HostFunctions>();
let lastContext = 0;

const binary = koffi.pointer(koffi.proto('int32_t', ['uintptr_t', 'uintptr_t']));
const ternary = koffi.pointer(koffi.proto('int32_t', ['uintptr_t', 'uintptr_t', 'uintptr_t']));
const lookup = koffi.pointer(koffi.proto('uintptr_t', ['uintptr_t', 'uintptr_t']));

/** koffi hands native code garbage when a callback throws: nothing may escape, and 0 is no status. */
function guarded(run: (host: HostFunctions, a: number, b: number) => number, onClosed: number, onThrow: number) {
  return (context: number, a: number, b = 0): number => {
    const host = contexts.get(context);
    if (host === undefined) return onClosed;
    try {
      return run(host, a, b);
    } catch {
      return onThrow;
    }
  };
}

const status = (run: (host: HostFunctions, a: number, b: number) => number) => guarded(run, Status.CLOSED, Status.FAILED);

/** Six callback slots for the whole process, found by context: koffi has 8192, and never gets back a worker's. */
function registerAll(): Record<keyof HostFunctions, bigint> {
  return {
    log: koffi.register(status((host, record) => host.log(record)), binary),
    registerCapability: koffi.register(status((host, capability, reply) => host.registerCapability(capability, reply)), ternary),
    emit: koffi.register(status((host, chunk) => host.emit(chunk)), binary),
    complete: koffi.register(status((host, completion) => host.complete(completion)), binary),
    call: koffi.register(status((host, call) => host.call(call)), binary),
    getExtension: koffi.register(guarded((host, id) => host.getExtension(id), 0, 0), lookup),
  };
}

let registered: Record<keyof HostFunctions, bigint> | undefined;

/** One plugin's `aisopod_host`. The struct lives as long as the process; `close` only makes its functions say CLOSED. */
export interface HostStruct {
  readonly address: Address;
  readonly context: number;
  close(): void;
}

export function openHostStruct(functions: HostFunctions): HostStruct {
  registered ??= registerAll();
  const context = ++lastContext;
  contexts.set(context, functions);
  const { members, size } = LAYOUTS.aisopod_host;
  const bytes = ownBuffer(size);
  bytes.writeUInt32LE(size, members.size.offset);
  bytes.writeUInt32LE(ABI_VERSION, members.abi_version.offset);
  bytes.writeBigUInt64LE(BigInt(context), members.context.offset);
  bytes.writeBigUInt64LE(registered.log, members.log.offset);
  bytes.writeBigUInt64LE(registered.registerCapability, members.register_capability.offset);
  bytes.writeBigUInt64LE(registered.emit, members.emit.offset);
  bytes.writeBigUInt64LE(registered.complete, members.complete.offset);
  bytes.writeBigUInt64LE(registered.call, members.call.offset);
  bytes.writeBigUInt64LE(registered.getExtension, members.get_extension.offset);
  const address = immortal(size);
  copyBytes(address, addressOf(bytes), size);
  return { address, context, close: () => void contexts.delete(context) };
}
