export { bringsAllocator, type Dependency } from './dependencies.js';
export type { CodeSignature, Facts, Format, Libc, Traits } from './facts.js';
export { judge, type Judged, REQUIRED_SYMBOLS } from './judge.js';
export type { Forward } from './export-list.js';
export type { Note } from './note.js';
export { refusalOf } from './refusal.js';
export { hostTarget, type Target } from './target.js';
export { triage, type Triage } from './triage.js';
export type { RefusedVerdict, RefusalCode, RefusalOf, Verdict, Warning, WarningTopic } from './verdict.js';
