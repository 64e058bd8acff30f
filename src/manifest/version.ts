/** At most 15 digits, so that every number is exact in JavaScript. */
const NUMBER = '(?:0|[1-9][0-9]{0,14})';
const PRERELEASE = '(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)';
const BUILD = '[0-9A-Za-z-]+';

/**
 * The strict grammar of semver.org: no leading `v` and no surrounding spaces, which the semver package accepts. The
 * length limits are those of the semver package.
 */
export const VERSION_PATTERN = new RegExp(
  `^(?!.{257})${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PRERELEASE}(?:\\.${PRERELEASE})*)?(?:\\+${BUILD}(?:\\.${BUILD})*)?$`,
);

/** True for a strict SemVer version, safe for `semver.compare`. */
export function isVersion(text: unknown): text is string {
  return typeof text === 'string' && VERSION_PATTERN.test(text);
}
