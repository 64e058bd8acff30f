/*
 * Errors of Node's own modules are read by their members and never by instanceof: in a consumer's jest
 * they come from another realm, where Error is another class.
 */
interface SystemError {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** The system's code (`ENOENT`) of an error, where it has one. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as SystemError | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** The words of an error, without the name of its class. */
export function messageOf(error: unknown): string {
  const message = (error as SystemError | null | undefined)?.message;
  return typeof message === 'string' ? message : String(error);
}
