/**
 * The types of what the layout table only calls pointer or function, as in the header. `Struct*` is a pointer to a struct of the
 * table without its prefix; a test holds this table to the header.
 */
const REPLY = ['reply', 'Reply*'];

export const POINTERS = {
  aisopod_reply: { buffer: 'void*', owned: 'const void*', release_argument: 'void*' },
  aisopod_meta: { name: 'const char*', version: 'const char*', description: 'const char*', author: 'const char*' },
  aisopod_plugin: { self: 'void*', id: 'const char*', meta: 'const Meta*' },
  aisopod_log: { message: 'const char*' },
  aisopod_capability: { name: 'const char*', description: 'const char*', spec: 'const char*', data: 'void*' },
  aisopod_host: { context: 'void*' },
  aisopod_init: { host: 'const Host*', config: 'const char*', data_dir: 'const char*', host_version: 'const char*' },
  aisopod_request: { method: 'const char*', input: 'const void*', cancel: 'const u32*', room: 'const u32*', context: 'const char*' },
  aisopod_chunk: { data: 'const void*' },
  aisopod_completion: { data: 'const void*' },
  aisopod_call: { name: 'const char*', method: 'const char*', input: 'const void*', user: 'void*' },
  aisopod_state: { data: 'const void*' },
};

/** Parameters, and the result if there is one. */
export const FUNCTIONS = {
  aisopod_reply: { release: [[['argument', 'void*'], ['owned', 'const void*']]] },
  aisopod_plugin: {
    register_capabilities: [[['self', 'void*'], ['host', 'const Host*'], REPLY], 'i32'],
    init: [[['self', 'void*'], ['init', 'const Init*'], REPLY], 'i32'],
    shutdown: [[['self', 'void*'], REPLY], 'i32'],
    get_extension: [[['self', 'void*'], ['id', 'const char*']], 'const void*'],
  },
  aisopod_capability: {
    invoke: [[['data', 'void*'], ['request', 'const Request*'], REPLY], 'i32'],
    cancel: [[['data', 'void*'], ['invocation', 'u64']]],
  },
  aisopod_host: {
    log: [[['context', 'void*'], ['record', 'const Log*']], 'i32'],
    register_capability: [[['context', 'void*'], ['capability', 'const Capability*'], REPLY], 'i32'],
    emit: [[['context', 'void*'], ['chunk', 'const Chunk*']], 'i32'],
    complete: [[['context', 'void*'], ['completion', 'const Completion*']], 'i32'],
    call: [[['context', 'void*'], ['call', 'const Call*']], 'i32'],
    get_extension: [[['context', 'void*'], ['id', 'const char*']], 'const void*'],
  },
  aisopod_call: { on_reply: [[['user', 'void*'], ['completion', 'const Completion*']]] },
  aisopod_reconfigure: { reconfigure: [[['self', 'void*'], ['init', 'const Init*'], REPLY], 'i32'] },
  aisopod_handover: {
    save: [[['self', 'void*'], REPLY], 'i32'],
    restore: [[['self', 'void*'], ['state', 'const State*'], REPLY], 'i32'],
  },
};
