/** The public API of aisopod-plugin. */
import { endLoading } from './options/loading.js';
export { ABI_VERSION, SUPPORTED_ABI, type AbiRange } from './abi/version.js';
export type { CapabilityKind, ChunkTag } from './abi/constants.js';
export {
  ERROR_TABLE,
  InvocationError,
  LifecycleError,
  LoadError,
  PluginError,
  STEPS,
  type Called,
  type Ending,
  type ErrorCode,
  type ErrorContext,
  type ErrorEntry,
  type ErrorFields,
  type InvocationErrorCode,
  type LifecycleErrorCode,
  type LoadErrorCode,
  type MachineCause,
  type ManifestProblem,
  type Mismatch,
  type ProcessEnd,
  type Step,
} from './errors/index.js';
export { silentLogger, type Logger, type LogLevel } from './log/logger.js';
export {
  HOOK_NAMES,
  MANIFEST_FILENAME,
  checkVersionCompatibility,
  manifestJsonSchema,
  parseManifest,
  readManifest,
  type HookName,
  type Manifest,
  type ParseManifestOptions,
  type ReadManifestOptions,
} from './manifest/index.js';
export { defaultPluginDirs, expandHome, libraryFilename, type Candidate, type Discovery, type Refusal } from './scan/index.js';
export {
  hostTarget,
  refusalOf,
  triage,
  type CodeSignature,
  type Dependency,
  type Facts,
  type Format,
  type Forward,
  type Libc,
  type Note,
  type RefusalCode,
  type RefusalOf,
  type RefusedVerdict,
  type Target,
  type Traits,
  type Triage,
  type Verdict,
  type Warning,
  type WarningTopic,
} from './triage/index.js';
export {
  LOCK_FILENAME,
  SIGNATURE_FILENAME,
  entryBytes,
  formatLock,
  lockPlugins,
  parseLock,
  readLock,
  signEntry,
  signPlugin,
  verifyAgainstLock,
  verifyEntry,
  verifyPlugin,
  writeLock,
  type FileHash,
  type Key,
  type Lock,
  type LockEntry,
  type LockOptions,
  type Strictness,
  type TrustOptions,
} from './trust/index.js';
export type { Backend, Chunk, InvocationParent, InvokeOptions } from './invocation/backend.js';
export type { InvocationContext } from './invocation/context.js';
export type { CapabilityDescriptor } from './capability/descriptor.js';
export type { Authorize } from './capability/kind.js';
export type { CallableKind, CapabilityHandles, CapabilityLists, UniqueKind } from './capability/kinds/index.js';
export type { CallOptions, Tool } from './capability/kinds/tool.js';
export type { ToolCallContext, ToolDefinition } from './capability/tool-definition.js';
export type { JsonSchema, ToolAnnotations, ToolResultKind } from './capability/tool-spec.js';
export {
  toolContentOf,
  type AnnotatedBlock,
  type ContentAnnotations,
  type ContentBlock,
  type MediaBlock,
  type ResourceBlock,
  type ResourceLinkBlock,
  type TextBlock,
  type ToolContent,
} from './capability/tool-content.js';
export { toolDefinitions, type ModelCall, type ToolDefinitionOptions, type ToolDefinitions } from './capability/definitions/tool-definitions.js';
export type {
  AnthropicToolDefinition,
  McpToolDefinition,
  ObjectSchema,
  OpenAiToolDefinition,
  ToolFormat,
  ToolFormats,
} from './capability/definitions/formats.js';
export type { Progress } from './capability/progress.js';
export type { Command, CommandDefinition, CommandResult, RunOptions } from './capability/kinds/command.js';
export type { OutputChunk } from './capability/command-output.js';
export type { HookSpec } from './capability/hook-spec.js';
export type { HookDefinition, HookHandler, HookReply } from './capability/kinds/hook.js';
export type { ChannelFeatures, ChannelMedia, ChannelSpec } from './capability/channel-spec.js';
export type { Channel, ChannelDefinition } from './capability/kinds/channel.js';
export type { ChannelConnection, ConnectOptions } from './capability/channel-connection.js';
export type { ChatMessage, ChatOptions, Model, Provider, ProviderDefinition } from './capability/kinds/provider.js';
export type { ProviderHealth } from './capability/provider-health.js';
export type {
  ChatDelta,
  ChatReply,
  ChatRequest,
  ChatRequestMessage,
  ChatTool,
  ChatToolCall,
  ChatUsage,
  ModelInfo,
} from './payloads/chat.js';
export type {
  AfterAgentRunData,
  AfterToolExecuteData,
  BeforeAgentRunData,
  BeforeToolExecuteData,
  HookDataTypes,
  MessageHookData,
  OnClientConnectData,
  OnClientDisconnectData,
  OnGatewayShutdownData,
  OnGatewayStartData,
  OnSessionCreateData,
  OnSessionEndData,
  SessionHookData,
} from './payloads/hook-data.js';
export type { ChannelMessage, ChannelReceipt, MessageMedia, MessagePeer, MessageSender } from './payloads/messages.js';
export type { CallContext, Emit } from './capability/js/call-context.js';
export type { DeclaredCapabilities, Plugin, PluginApi, PluginContext, PluginMeta, TakenName } from './plugin/plugin.js';
export type { PluginLifecycle } from './plugin/lifecycle.js';
export type { LoadTimeouts, PluginState } from './plugin/lifecycle-table.js';
export { definePlugin, type PluginDefinition } from './plugin/define-plugin.js';
export type { DispatchOptions, FailClosed, HookOutcome, HookResult, HookVeto } from './registry/hook-dispatch.js';
export type { MayCall } from './registry/plugin-call.js';
export type { Outcome } from './registry/outcome.js';
export { DEFAULT_RESERVED_COMMANDS } from './registry/reserved-commands.js';
export {
  DynamicPluginLoader,
  type DynamicPluginLoaderOptions,
  type LoadAllResult,
  type PluginSink,
  type RefusedPlugin,
} from './loader/dynamic-plugin-loader.js';
export type { LoadRequest } from './loader/load-plugin.js';
export { PluginRegistry } from './registry/plugin-registry.js';
export type { RegisteredPlugin } from './registry/registered-plugin.js';
export type { PluginRegistryOptions } from './registry/registry-options.js';
export { PluginHost } from './host/plugin-host.js';
export type { RescanResult } from './host/plugin-operations.js';
export type { CloseResult } from './host/close-plugins.js';
export type { HostEvents } from './host/announcer.js';
export type { PluginHostOptions } from './host/host-options.js';
export { optionsFromAisopod, type AisopodOptions } from './host/aisopod-config.js';
export type { SafeguardOptions } from './host/safeguard.js';
export type { PluginConfig } from './plugin/config-copy.js';
export type { LoadedVersion, UpdateOptions, UpdateResult } from './host/update/update-result.js';
export type { OnUpdate, UpdateDiff } from './host/update/update-diff.js';
export type { UpdatesOptions } from './host/update/update-settings.js';
export type { WatchSettings } from './host/watch/watch-option.js';
export type { GenerationReport, GenerationRole, Isolation, PluginEvent, PluginReport, PluginTransport, PreviousLibrary, Requirements, ShownState, UpdateRecord } from './report/plugin-report.js';
export type { Enforcement, PermissionKey, PermissionLists, Permissions, RefusedPermission, SandboxReport } from './report/permissions.js';
export type { Grants } from './isolation/sandbox/grants.js';
export type { Sandbox } from './report/child-sandbox.js';
export type { GrantPermissions, SandboxMode, SandboxOptions } from './host/sandbox/sandbox-options.js';
export type { Finding, TraceEntry } from './report/trace.js';
export type { TimingNode } from './report/boot-timing.js';
export type { IsolationOptions } from './host/isolation.js';
export type { ChildEnd, LastRequest } from './isolation/supervisor/child-end.js';
export type { EnvironmentOptions } from './isolation/supervisor/environment.js';
export type { ResourceLimits } from './report/resource-limits.js';
export { describeDenial, type Denial } from './isolation/sandbox/trace/denial.js';
export type { BeforeGiveUp, CrashInfo, LimitsOf, ProcessOptions, ReportedDenial } from './isolation/supervisor/process-options.js';
export type { RestartOptions } from './isolation/supervisor/restart-policy.js';
export type { IsolatedPlugin } from './isolation/proxy/isolated-plugin.js';
export { ProcessLoader, type ProcessLoaderOptions } from './isolation/proxy/process-loader.js';

endLoading();
