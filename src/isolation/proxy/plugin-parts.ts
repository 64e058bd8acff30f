import type { LoadRequest } from '../../loader/load-plugin.js';
import { Lifecycle } from '../../plugin/lifecycle.js';
import type { PluginApi, PluginContext } from '../../plugin/plugin.js';
import { PluginRecord } from '../../report/plugin-record.js';
import type { Candidate, PluginFiles } from '../../scan/index.js';
import type { RegisteredCapabilities } from '../wire/messages.js';
import { LifecycleRpc } from './lifecycle-rpc.js';
import { PluginInChild } from './plugin-in-child.js';
import { PluginMessages } from './plugin-messages.js';
import type { ProcessSettings } from './process-settings.js';
import { RemoteInvoker } from './remote-invoker.js';
import { RestartGate } from './restart-gate.js';

/** What the plugin's steps were given, and what they returned. A restart repeats them. */
export interface StepHistory {
  /** The plugin's files when they were first loaded. */
  files?: PluginFiles;
  namesTaken: PluginApi['namesTaken'];
  /** In order. After a restart it must be the same. */
  registered: RegisteredCapabilities;
  context?: PluginContext;
  /** The state that it was given, until it is active. */
  state?: Uint8Array | undefined;
}

/** The parts of one isolated plugin. Its steps (IsolatedPlugin) and its restarts (PluginRestart) share them. */
export interface PluginParts {
  readonly candidate: Candidate;
  readonly settings: ProcessSettings;
  readonly request: LoadRequest;
  readonly lifecycle: Lifecycle;
  readonly record: PluginRecord;
  readonly gate: RestartGate;
  readonly invoker: RemoteInvoker;
  readonly messages: PluginMessages;
  readonly rpc: LifecycleRpc;
  readonly inChild: PluginInChild;
  readonly history: StepHistory;
}

let lastNumber = 0;

export function makeParts(candidate: Candidate, settings: ProcessSettings, waitForDebugger: boolean, request: LoadRequest): PluginParts {
  const { id } = candidate;
  const { maxPayloadBytes, graceMs, syncTimeoutMs, logger } = settings;
  const number = ++lastNumber;
  const record = new PluginRecord(id, logger);
  const invoker = new RemoteInvoker({ pluginId: id, plugin: number, maxPayloadBytes, graceMs, syncTimeoutMs, waitForDebugger });
  const messages = new PluginMessages(id, invoker, record, logger);
  const rpc = new LifecycleRpc(candidate, number, settings, waitForDebugger);
  return {
    candidate,
    settings,
    request,
    lifecycle: request.lifecycle ?? new Lifecycle(),
    record,
    gate: new RestartGate(id),
    invoker,
    messages,
    rpc,
    inChild: new PluginInChild(candidate, settings, { number, rpc, invoker, messages }),
    history: { namesTaken: () => [], registered: [] },
  };
}
