import { sandboxSupport } from '../../src/isolation/sandbox/probe.js';

const { AISOPOD_TEST_SANDBOX: setting = '' } = process.env;
const { level, reason = '' } = sandboxSupport();

const isOff = setting === 'off' || setting === '';

/**
 * Whether the helpers of the tests start children in a sandbox: with AISOPOD_TEST_SANDBOX=require. A
 * system without a sandbox is an error then.
 */
export const isSandboxed = !isOff && level !== 'none';

if (!['', 'off', 'require'].includes(setting)) throw new Error(`AISOPOD_TEST_SANDBOX must be off or require, not ${setting}`);
if (setting === 'require' && !isSandboxed) throw new Error(`AISOPOD_TEST_SANDBOX=require: ${reason}`);
