/** The only folder that uses koffi: opens libraries, binds functions, registers callbacks and moves data. */
export { koffiSettingsProblem, koffiVersion } from './koffi-settings.js';
export { NULL, immortalText, addressOf, copyBytes, ownBuffer, type Address, type Block, type Opaque } from './memory.js';
export { collectChild } from './child-status.js';
export { isMapped, isMappedAsync } from './is-mapped.js';
export { loaderPathProblem } from './loader-path.js';
export { restoreFloatingPoint } from './floating-point.js';
export { openLibraryAsync } from './open-library-async.js';
export { endAtExit, endProcess, endProcessIn } from './process-end.js';
export { dieWithParent, isDebugged, isInheritable, limitMemory } from './process-limits.js';
export { bind, type Bound, type NativeFunction } from './prototypes.js';
export { countStartable, hasSpareThread } from './spare-thread.js';
export { openLibrary, type SharedLibrary } from './shared-library.js';
export { bufferStdoutByLine, flushOutput, makeOutputFullCheck } from './standard-output.js';
export { structReader, type StructProblem, type StructReader } from './struct.js';
export { HostCallbacks, type HostSignature } from './host-callbacks.js';
export { extensionStruct, hostStruct, type HostFunctionName } from './host-struct.js';
export { CallFrames, type CallFrame } from './call-frame.js';
export { readTerminated } from './payload.js';
