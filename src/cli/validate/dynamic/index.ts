import type { DynamicCheck } from '../check.js';
import { COMPLETION_CHECKS } from './checks/completion.js';
import { MEMORY_CHECKS } from './checks/memory.js';
import { STRUCT_CHECKS } from './checks/structs.js';
import { THREAD_CHECKS } from './checks/threads.js';

/** All checks that run the plugin's code, in the order in which they are listed. */
export const DYNAMIC_CHECKS: readonly DynamicCheck[] = [...STRUCT_CHECKS, ...MEMORY_CHECKS, ...COMPLETION_CHECKS, ...THREAD_CHECKS];
