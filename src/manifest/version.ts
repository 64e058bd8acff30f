/** At most 15 digits, so that every number is exact in JavaScript. */
const NUMBER = '(?:0|[1-9][0-9]{0,14})';
const PRERELEASE = '(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)';
const BUILD = '[0-9A-Za-z-]+';

/**
 * The grammar of semver.org, to the letter: no leading `v`, no surrounding spaces, both of which package
 * semver lets pass. The lengths are those that package semver can compare.
 */
export const VERSION_PATTERN = new RegExp(
  `^(?!.{257})${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PRERELEASE}(?:\\.${PRERELEASE})*)?(?:\\+${BUILD}(?:\\.${BUILD})*)?$`,
);

/** A strict SemVer version, fit for `semver.compare`. */
export function isVersion(text: unknown): text is string {
  return typeof text === 'string' && VERSION_PATTERN.test(text);
}
