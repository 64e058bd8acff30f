import { homeFolder } from '../options/folders.js';
import { UsageError } from './command.js';

/** For defaults in the home folder; `option` is the alternative. @throws UsageError if this user has no home folder */
export function requireHome(option: string): void {
  if (homeFolder() === undefined) throw new UsageError(`this user has no home folder: give ${option}`);
}
