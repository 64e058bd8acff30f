/** What an invocation is of, as errors name it. */
export interface Callee {
  readonly pluginId: string;
  /** `tool forecast` */
  readonly capability: string;
}
