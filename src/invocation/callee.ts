/** What is invoked, as errors name it. */
export interface Callee {
  readonly pluginId: string;
  /** `tool forecast` */
  readonly capability: string;
}
