/** The structs of the header, member by member, in its order. A test compares them with the C compiler's layout. */
export type MemberType = 'u32' | 'i32' | 'u64' | 'size' | 'pointer' | 'function';

export interface StructLayout<M extends string = string> {
  /** In bytes, for AISOPOD_ABI_VERSION 1. */
  readonly size: number;
  readonly members: Readonly<Record<M, { readonly offset: number; readonly type: MemberType }>>;
}

const WIDTH: Record<MemberType, number> = { u32: 4, i32: 4, u64: 8, size: 8, pointer: 8, function: 8 };

function struct<M extends string>(types: Record<M, MemberType>): StructLayout<M> {
  const members = {} as Record<M, { offset: number; type: MemberType }>;
  let end = 0;
  for (const name of Object.keys(types) as M[]) {
    const type = types[name];
    const offset = Math.ceil(end / WIDTH[type]) * WIDTH[type];
    members[name] = { offset, type };
    end = offset + WIDTH[type];
  }
  return { size: Math.ceil(end / 8) * 8, members };
}

export const LAYOUTS = {
  aisopod_note: struct({
    size: 'u32',
    magic: 'u32',
    abi_version: 'u32',
    header_version: 'u32',
    pointer_size: 'u32',
    plugin_size: 'u32',
    host_size: 'u32',
    capability_size: 'u32',
    request_size: 'u32',
    reply_size: 'u32',
    meta_size: 'u32',
    init_size: 'u32',
    log_size: 'u32',
    chunk_size: 'u32',
    completion_size: 'u32',
    call_size: 'u32',
  }),
  aisopod_reply: struct({
    size: 'u32',
    format: 'u32',
    buffer: 'pointer',
    capacity: 'size',
    length: 'size',
    owned: 'pointer',
    release: 'function',
    release_argument: 'pointer',
  }),
  aisopod_meta: struct({
    size: 'u32',
    reserved: 'u32',
    name: 'pointer',
    version: 'pointer',
    description: 'pointer',
    author: 'pointer',
  }),
  aisopod_plugin: struct({
    size: 'u32',
    flags: 'u32',
    self: 'pointer',
    id: 'pointer',
    meta: 'pointer',
    register_capabilities: 'function',
    init: 'function',
    shutdown: 'function',
    get_extension: 'function',
  }),
  aisopod_log: struct({ size: 'u32', level: 'u32', message: 'pointer', message_length: 'size' }),
  aisopod_capability: struct({
    size: 'u32',
    kind: 'u32',
    flags: 'u32',
    reserved: 'u32',
    name: 'pointer',
    description: 'pointer',
    spec: 'pointer',
    data: 'pointer',
    invoke: 'function',
    cancel: 'function',
  }),
  aisopod_host: struct({
    size: 'u32',
    abi_version: 'u32',
    context: 'pointer',
    log: 'function',
    register_capability: 'function',
    emit: 'function',
    complete: 'function',
    call: 'function',
    get_extension: 'function',
  }),
  aisopod_init: struct({
    size: 'u32',
    reserved: 'u32',
    host: 'pointer',
    config: 'pointer',
    config_length: 'size',
    data_dir: 'pointer',
    host_version: 'pointer',
  }),
  aisopod_request: struct({
    size: 'u32',
    format: 'u32',
    method: 'pointer',
    input: 'pointer',
    input_length: 'size',
    invocation: 'u64',
    parent: 'u64',
    cancel: 'pointer',
    room: 'pointer',
    cancel_epoch: 'u32',
    reserved: 'u32',
    context: 'pointer',
    context_length: 'size',
  }),
  aisopod_chunk: struct({
    size: 'u32',
    format: 'u32',
    invocation: 'u64',
    tag: 'u32',
    reserved: 'u32',
    data: 'pointer',
    length: 'size',
  }),
  aisopod_completion: struct({
    size: 'u32',
    status: 'i32',
    invocation: 'u64',
    format: 'u32',
    reserved: 'u32',
    data: 'pointer',
    length: 'size',
  }),
  aisopod_call: struct({
    size: 'u32',
    kind: 'u32',
    name: 'pointer',
    method: 'pointer',
    format: 'u32',
    reserved: 'u32',
    input: 'pointer',
    input_length: 'size',
    parent: 'u64',
    on_reply: 'function',
    user: 'pointer',
  }),
  aisopod_reconfigure: struct({ size: 'u32', reserved: 'u32', reconfigure: 'function' }),
  aisopod_state: struct({ size: 'u32', reserved: 'u32', data: 'pointer', length: 'size' }),
  aisopod_handover: struct({ size: 'u32', reserved: 'u32', save: 'function', restore: 'function' }),
} as const;

/**
 * The smallest `size` that contains the required members (rule 2). A struct compiled against an older header is shorter than
 * the layout; only the members within its `size` are read.
 */
export const REQUIRED_SIZE = {
  aisopod_plugin: LAYOUTS.aisopod_plugin.members.get_extension.offset,
  aisopod_capability: LAYOUTS.aisopod_capability.members.cancel.offset,
  aisopod_reply: LAYOUTS.aisopod_reply.size,
  aisopod_meta: LAYOUTS.aisopod_meta.size,
  aisopod_log: LAYOUTS.aisopod_log.size,
  aisopod_chunk: LAYOUTS.aisopod_chunk.size,
  aisopod_completion: LAYOUTS.aisopod_completion.size,
  aisopod_call: LAYOUTS.aisopod_call.size,
  aisopod_reconfigure: LAYOUTS.aisopod_reconfigure.size,
  aisopod_handover: LAYOUTS.aisopod_handover.size,
} as const;
