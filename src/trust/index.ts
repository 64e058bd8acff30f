export { admit, type Admitted } from './admit.js';
export { verifyAgainstLock } from './check-lock.js';
export { entryBytes, SIGNATURE_FILENAME, type FileHash, type LockEntry } from './entry.js';
export type { Key } from './keys.js';
export { lockPlugins, type LockOptions } from './lock-plugins.js';
export { LOCK_FILENAME, formatLock, parseLock, readLock, writeLock, type Lock } from './lock.js';
export { signEntry, signPlugin, verifyEntry, verifyPlugin } from './signature.js';
export { cachedTriage } from './triage-cache.js';
export { readTrustOptions, type Strictness, type Trust, type TrustOptions } from './trust-options.js';
