import type { JobLimits } from '../../../library/index.js';

/** What a child on Windows gives up before it loads a plugin. */
export interface WindowsRestrictions {
  /** Mitigation policies (PROCESS_MITIGATION_POLICY), with their flags. */
  readonly mitigations: readonly (readonly [policy: number, flags: number])[];
  readonly job: JobLimits;
}

const [EXTENSION_POINTS, IMAGE_LOAD, CHILD_PROCESS] = [6, 10, 13];
/** DisableExtensionPoints: no libraries that hooks or input methods inject. */
const NO_EXTENSION_POINTS = 1;
/** NoRemoteImages and NoLowMandatoryLabelImages: no libraries from other machines, and none that the plugin has written. */
const NO_STRANGE_IMAGES = 1 | 2;
const NO_CHILD_PROCESS = 1;

const [LIMIT_ACTIVE_PROCESSES, LIMIT_DIE_ON_EXCEPTION] = [0x8, 0x400];
/** Handles of other windows, the clipboard both ways, system parameters, display settings, atoms, desktops, and the end of the session. */
const ALL_USER_INTERFACE = 0xff;

/** Not dynamic code (ProcessDynamicCodePolicy): V8 and koffi make some. A crash ends the process without a dialog. */
export function windowsRestrictions(mayRun: boolean): WindowsRestrictions {
  return {
    mitigations: [[EXTENSION_POINTS, NO_EXTENSION_POINTS], [IMAGE_LOAD, NO_STRANGE_IMAGES], ...(mayRun ? [] : [[CHILD_PROCESS, NO_CHILD_PROCESS] as const])],
    job: { flags: LIMIT_DIE_ON_EXCEPTION | (mayRun ? 0 : LIMIT_ACTIVE_PROCESSES), activeProcesses: mayRun ? 0 : 1, userInterface: ALL_USER_INTERFACE },
  };
}
