/** The statuses of the header: positive means success, negative means failure, 0 is not a status (rule 20). */
export const Status = {
  OK: 1,
  PENDING: 2,
  FAILED: -1,
  INVALID: -2,
  UNSUPPORTED: -3,
  CANCELLED: -4,
  BUSY: -5,
  STALE: -6,
  CLOSED: -7,
  FULL: -8,
  STATE: -9,
  UNDECLARED: -10,
  DUPLICATE: -11,
  TOO_LARGE: -12,
  NESTING: -13,
  DENIED: -14,
  NOT_FOUND: -15,
  TIMEOUT: -16,
} as const;

export type StatusName = keyof typeof Status;

const NAMES = new Map<number, StatusName>(Object.entries(Status).map(([name, value]) => [value, name as StatusName]));

/** The header's name for a status, for messages: `FAILED`, or `status 77` for one that the header does not define. */
export const statusName = (status: number): string => NAMES.get(status) ?? `status ${status}`;

/** Whether the header defines this status. */
export const isStatus = (status: number): boolean => NAMES.has(status);
