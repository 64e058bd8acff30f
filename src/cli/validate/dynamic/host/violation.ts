/** The ways in which a plugin can use the host's functions wrongly. Each is what one check looks for. */
export type ViolationKind =
  | 'called-while-registering'
  | 'bad-registration'
  | 'bad-struct'
  | 'struct-too-large'
  | 'reserved-not-zero'
  | 'bad-log'
  | 'bad-chunk'
  | 'bad-completion'
  | 'bad-call'
  | 'completed-twice'
  | 'completed-and-returned'
  | 'emitted-after-completion'
  | 'unknown-invocation'
  | 'called-after-shutdown';

export interface Violation {
  readonly kind: ViolationKind;
  readonly message: string;
}
