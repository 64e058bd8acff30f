/**
 * The same with koffi alone: no checks and no fault isolation, only the calls that are necessary to activate a plugin.
 * Prints nanoseconds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import toml from '@iarna/toml';
import koffi from 'koffi';

const FILES = { win32: (name) => `${name}.dll`, darwin: (name) => `lib${name}.dylib` };
const fileOf = FILES[process.platform] ?? ((name) => `lib${name}.so`);

const [folder] = process.argv.slice(2);
const dataDir = mkdtempSync(join(tmpdir(), 'aisopod-bench-'));
const start = process.hrtime.bigint();

const AbiVersion = koffi.proto('uint32_t', []);
const Create = koffi.proto('void *', []);
const Enter = koffi.proto('int32_t', ['void *', 'void *', 'void *']);
const Register = koffi.pointer(koffi.proto('int32_t', ['void *', 'void *', 'void *']));
const Plugin = koffi.struct({
  size: 'uint32_t',
  flags: 'uint32_t',
  self: 'void *',
  id: 'str',
  meta: 'void *',
  register: 'void *',
  init: 'void *',
});
const Capability = koffi.struct({
  size: 'uint32_t',
  kind: 'uint32_t',
  flags: 'uint32_t',
  reserved: 'uint32_t',
  name: 'str',
  description: 'str',
  spec: 'str',
  data: 'void *',
  invoke: 'void *',
});
const Host = koffi.struct({
  size: 'uint32_t',
  abi_version: 'uint32_t',
  context: 'void *',
  log: 'void *',
  register_capability: Register,
  rest: koffi.array('void *', 4),
});
const Init = koffi.struct({
  size: 'uint32_t',
  reserved: 'uint32_t',
  host: 'void *',
  config: 'str',
  config_length: 'size_t',
  data_dir: 'str',
  host_version: 'str',
});

const tools = [];
const registerCapability = koffi.register((_context, address) => {
  const { name, description, spec, data, invoke } = koffi.decode(address, Capability);
  tools.push({ name, description, parameters: spec && JSON.parse(spec), data, invoke: koffi.decode(invoke, Enter) });
  return 1;
}, Register);
const host = koffi.alloc(Host, 1);
koffi.encode(host, Host, {
  size: koffi.sizeof(Host),
  abi_version: 1,
  context: null,
  log: null,
  register_capability: registerCapability,
  rest: [null, null, null, null],
});

const libraries = [];
for (const id of await readdir(folder)) {
  const manifest = toml.parse(await readFile(join(folder, id, 'aisopod.plugin.toml'), 'utf8'));
  const library = koffi.load(join(folder, id, fileOf(manifest.plugin.entry_point)));
  libraries.push(library);
  const call = (symbol, type, ...args) => promisify(koffi.decode(library.symbol(symbol), type).async)(...args);
  await call('aisopod_plugin_abi_version', AbiVersion);
  const plugin = koffi.decode(await call('aisopod_plugin_create', Create), Plugin);
  const reply = Buffer.alloc(64);
  reply.writeUInt32LE(64);
  await promisify(koffi.decode(plugin.register, Enter).async)(plugin.self, host, reply);
  const data = join(dataDir, id);
  await mkdir(data, { recursive: true });
  const init = koffi.alloc(Init, 1);
  koffi.encode(init, Init, {
    size: koffi.sizeof(Init),
    reserved: 0,
    host,
    config: '{}',
    config_length: 2,
    data_dir: data,
    host_version: '1.0.0',
  });
  await promisify(koffi.decode(plugin.init, Enter).async)(plugin.self, init, reply);
}

const took = process.hrtime.bigint() - start;
rmSync(dataDir, { recursive: true });
if (tools.length !== libraries.length * 3) throw new Error(`${tools.length} tools of ${libraries.length} plugins`);
console.log(String(took));
process.exit();
