import { Buffer } from 'node:buffer';
import { LAYOUTS } from '../../../../abi/layouts.js';
import { Status, statusName } from '../../../../abi/status.js';
import { bind, openLibrary, type Address, type SharedLibrary } from '../../../../library/index.js';
import { isVtable, readVtable, type Vtable } from '../../../../native/vtable.js';
import { bytesOfHost, type HostileHost } from '../host/hostile-host.js';
import { structBytes } from '../host/struct-bytes.js';
import { CannotRun } from './cannot-run.js';
import { CallMemory, lentBytesOf, type MemoryPlan } from './memory-plan.js';
import { onWorker } from './on-worker.js';
import { readReply } from './reply.js';

/** How a function of the plugin's life ended. */
export interface StepEnd {
  readonly status: number;
  /** The reply, as text. */
  readonly message: string;
  readonly problem: string | undefined;
}

export interface InitValues {
  readonly config: string;
  readonly dataDir: string;
  readonly hostVersion: string;
}

const THREADS = 16;

/** One loaded plugin with a host of its own. Its functions run on workers, as the contract says. */
export class Instance {
  readonly #hostMemory: CallMemory<'host'>;

  constructor(
    readonly library: SharedLibrary,
    readonly vtable: Vtable,
    readonly host: HostileHost,
    private readonly plan: MemoryPlan,
    private readonly step: (description: string) => void,
  ) {
    const bytes = bytesOfHost(host, plan.sizes?.host);
    this.#hostMemory = new CallMemory({ host: bytes.length }, plan);
    this.#hostMemory.write('host', bytes);
  }

  register(): Promise<StepEnd> {
    return this.#run('register_capabilities', this.vtable.register, this.#hostMemory.at('host'));
  }

  async init(values: InitValues, what: 'init' | 'reconfigure' = 'init', at: Address = this.vtable.init): Promise<StepEnd> {
    const texts = { config: Buffer.from(values.config), data_dir: Buffer.from(`${values.dataDir}\0`), host_version: Buffer.from(`${values.hostVersion}\0`) };
    const size = this.plan.sizes?.init ?? LAYOUTS.aisopod_init.size;
    const lengths = { init: size, config: texts.config.length, data_dir: texts.data_dir.length, host_version: texts.host_version.length };
    const memory = new CallMemory(lengths, this.plan);
    for (const part of ['config', 'data_dir', 'host_version'] as const) memory.write(part, texts[part]);
    const pointers = { host: this.#hostMemory.at('host'), config: memory.at('config'), data_dir: memory.at('data_dir'), host_version: memory.at('host_version') };
    memory.write('init', structBytes('aisopod_init', { ...pointers, config_length: texts.config.length }, size));
    memory.lend();
    const end = await this.#run(what, at, memory.at('init'));
    memory.takeBack();
    return end;
  }

  shutdown(): Promise<StepEnd> {
    return this.#run('shutdown', this.vtable.shutdown);
  }

  /** Does nothing if the plugin has no destroy. */
  async destroy(): Promise<void> {
    const at = this.library.symbol('aisopod_plugin_destroy');
    if (at === undefined) return;
    this.step('destroy');
    const destroy = bind('destroy', at);
    await onWorker<undefined>((done) => destroy.async(this.vtable.address, done));
  }

  async #run(what: string, at: Address, argument?: Address): Promise<StepEnd> {
    this.step(what);
    const capacity = lentBytesOf(this.plan);
    const size = this.plan.sizes?.reply ?? LAYOUTS.aisopod_reply.size;
    const memory = new CallMemory({ reply: size, lent: capacity }, this.plan);
    memory.write('reply', structBytes('aisopod_reply', { format: 1, buffer: memory.at('lent'), capacity }, size));
    const status = await onWorker<number>((done) => {
      if (argument === undefined) bind('shutdown', at).async(this.vtable.self, memory.at('reply'), done);
      else bind('call', at).async(this.vtable.self, argument, memory.at('reply'), done);
    });
    const reply = readReply(memory.read('reply'), () => memory.read('lent'), capacity);
    await reply.release();
    memory.takeBack();
    return { status, message: reply.bytes.toString('utf8', 0, 400), problem: reply.problem };
  }
}

/** The library to open, and how. */
export interface LibraryToOpen {
  readonly libraryPath: string;
  readonly prefersOwnNames: boolean;
}

/** Opens the library and calls create, on this thread, so that the number of workers is known before there are any. */
export function createInstance({ libraryPath, prefersOwnNames }: LibraryToOpen, host: HostileHost, plan: MemoryPlan, step: (description: string) => void): Instance {
  step('opening the library, which runs its constructors');
  const library = openLibrary(libraryPath, { prefersOwnNames });
  step('create');
  const at = library.symbol('aisopod_plugin_create');
  if (at === undefined) throw new CannotRun('the library does not export aisopod_plugin_create');
  const address = bind('create', at)();
  if (address === 0) throw new CannotRun('create returned NULL');
  const vtable = readVtable(address as Address);
  if (!isVtable(vtable)) throw new CannotRun(`what create returned, ${vtable.member}: expected ${vtable.expected}, found ${vtable.found}`);
  // Node reads this when it starts its workers, at the first call on one.
  process.env.UV_THREADPOOL_SIZE = String(vtable.wantsOneThread ? 1 : THREADS);
  return new Instance(library, vtable, host, plan, step);
}

/** @throws CannotRun unless the status is OK */
export function requireOk(what: string, { status, message, problem }: StepEnd): void {
  if (problem !== undefined) throw new CannotRun(`the reply of ${what}: ${problem}`);
  if (status !== Status.OK) throw new CannotRun(`${what} returned ${statusName(status)}${message === '' ? '' : `: ${message}`}`);
}
