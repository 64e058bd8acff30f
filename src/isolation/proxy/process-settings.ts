import type { ExamineOptions } from '../../loader/examine.js';
import type { LoadTimeouts } from '../../plugin/lifecycle-table.js';
import type { Logger } from '../../log/logger.js';
import type { SupervisorSettings } from '../supervisor/process-options.js';

/** The checked options of a ProcessLoader. */
export interface ProcessSettings extends SupervisorSettings, ExamineOptions {
  readonly hostVersion: string;
  readonly logger: Logger;
  readonly timeouts: LoadTimeouts;
}
