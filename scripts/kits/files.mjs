import { renderRust } from './rust.mjs';
import { renderZig } from './zig.mjs';

/** Each generated file, and what renders it. */
export const KIT_FILES = { 'sdk/rust/src/abi.rs': renderRust, 'sdk/zig/src/abi.zig': renderZig };
