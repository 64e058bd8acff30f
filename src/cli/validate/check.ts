import type { Manifest } from '../../manifest/index.js';
import type { PluginContents } from './plugin-contents.js';

/** What a check found. It passed if the list is empty or has notes only. */
export interface Finding {
  /**
   * `error`: breaks the contract, or the plugin will not work. `warning`: works, but not for every host. `skipped`: could not be
   * checked here. `note`: worth knowing, and no problem.
   */
  readonly severity: 'error' | 'warning' | 'skipped' | 'note';
  /** What was found, in one or two sentences. */
  readonly message: string;
  /** More lines: a stack, an input, the output of the plugin. */
  readonly details?: string;
}

interface CheckRow {
  /** Stable, kebab-case: `request-kept-after-return`. */
  readonly id: string;
  /** What demands it: `rule 7`, `manifest`, `ABI: aisopod_reply`. */
  readonly source: string;
  /** What is demanded, as a statement. */
  readonly title: string;
  /** What breaks for a host if it does not hold. */
  readonly breaks: string;
}

/** A check of the files of a plugin. Runs none of the plugin's code. */
export interface StaticCheck extends CheckRow {
  readonly kind: 'static';
  readonly run: (contents: PluginContents) => readonly Finding[] | Promise<readonly Finding[]>;
}

/** A check that runs the plugin's code, in a process of its own. */
export interface DynamicCheck extends CheckRow {
  readonly kind: 'dynamic';
  /** Default: `--timeout`. For a check that waits long on purpose. */
  readonly timeoutMs?: number;
  readonly run: (subject: Subject, context: CheckContext) => Promise<readonly Finding[]>;
}

export type Check = StaticCheck | DynamicCheck;

/** The plugin that a dynamic check runs. Plain data: it is sent to the process of the check. */
export interface Subject {
  /** Absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** The library for this machine. */
  readonly libraryPath: string;
  /** How hosts open it: see OpenLibraryOptions. */
  readonly prefersOwnNames: boolean;
  /** Its runtime handles signals, which no code of the author's can change. */
  readonly hasGoRuntime: boolean;
  /** JSON. Absent: made from the schema in the manifest. */
  readonly config?: string | undefined;
}

/** What a dynamic check has to work with, in its own process. */
export interface CheckContext {
  /** All randomness of a check comes from it, so that a run can be repeated. */
  readonly seed: number;
  /** The process is killed when this time has passed since its start. */
  readonly timeoutMs: number;
  /** Aborts shortly before that. */
  readonly signal: AbortSignal;
  /** An empty folder, removed after the check. */
  readonly temporaryFolder: string;
  /** Under ThreadSanitizer: the library of GATE_SOURCE. */
  readonly gate?: string | undefined;
  /** Says what the plugin is about to do: "init", "call echo with an empty object". If the process crashes or hangs, the result names the last step. */
  step(description: string): void;
  /** Adds a finding at once: it counts even if the process crashes later. */
  report(finding: Finding): void;
}

export const error = (message: string, details?: string): Finding => ({ severity: 'error', message, ...(details !== undefined && { details }) });
export const warning = (message: string, details?: string): Finding => ({ severity: 'warning', message, ...(details !== undefined && { details }) });
export const note = (message: string): Finding => ({ severity: 'note', message });
export const skipped = (message: string): Finding => ({ severity: 'skipped', message });
