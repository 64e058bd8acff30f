import type { DynamicCheck } from '../check.js';
import { ANSWER_CHECKS } from './checks/answers.js';
import { CANCEL_CHECKS } from './checks/cancel.js';
import { COMPLETION_CHECKS } from './checks/completion.js';
import { EXTENSION_CHECKS } from './checks/extensions.js';
import { HEAP_CHECKS } from './checks/heap.js';
import { HOST_FUNCTION_CHECKS } from './checks/host-functions.js';
import { INPUT_CHECKS } from './checks/inputs.js';
import { LIFE_CHECKS } from './checks/life.js';
import { MEMORY_CHECKS } from './checks/memory.js';
import { OWNED_CHECKS } from './checks/owned.js';
import { PROCESS_CHECKS } from './checks/process.js';
import { STRUCT_CHECKS } from './checks/structs.js';
import { THREAD_CHECKS } from './checks/threads.js';

/** All checks that run the plugin's code, in the order in which they are listed. */
export const DYNAMIC_CHECKS: readonly DynamicCheck[] = [
  ...LIFE_CHECKS,
  ...EXTENSION_CHECKS,
  ...STRUCT_CHECKS,
  ...MEMORY_CHECKS,
  ...ANSWER_CHECKS,
  ...OWNED_CHECKS,
  ...COMPLETION_CHECKS,
  ...CANCEL_CHECKS,
  ...HOST_FUNCTION_CHECKS,
  ...INPUT_CHECKS,
  ...THREAD_CHECKS,
  ...PROCESS_CHECKS,
  ...HEAP_CHECKS,
];
