import type { Finding } from './check.js';
import { countsOf, type Outcome } from './outcome.js';
import type { PluginContents } from './plugin-contents.js';

/** The outcomes as JUnit XML, which CI systems show. Warnings are the output of their test. */
export function junitOf({ manifest, folder }: PluginContents, outcomes: readonly Outcome[]): string {
  const { failed, skipped } = countsOf(outcomes);
  const seconds = (ms: number): string => (ms / 1000).toFixed(3);
  const total = seconds(outcomes.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const name = manifest?.plugin.id ?? folder;
  const attributes = `name="${escape(name)}" tests="${outcomes.length}" failures="${failed}" errors="0" skipped="${skipped}" time="${total}"`;
  const cases = outcomes.map(({ check, findings, durationMs }) => {
    const open = `    <testcase classname="${escape(name)}.${check.kind}" name="${check.id}" time="${seconds(durationMs)}"`;
    const inner = findings.map((finding) => `      ${elementOf(finding, check.source)}\n`).join('');
    return inner === '' ? `${open}/>\n` : `${open}>\n${inner}    </testcase>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${attributes}>\n  <testsuite ${attributes}>\n${cases.join('')}  </testsuite>\n</testsuites>\n`;
}

function elementOf({ severity, message, details = '' }: Finding, source: string): string {
  const text = escape(`${message}\n${details}`.trimEnd());
  if (severity === 'error') return `<failure type="${escape(source)}" message="${escape(message)}">${text}</failure>`;
  if (severity === 'skipped') return `<skipped message="${escape(message)}"/>`;
  return `<system-out>${text}</system-out>`;
}

/** XML 1.0 has no way to write most control characters. */
const NOT_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]/gu;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' };
const escape = (text: string): string => text.replace(NOT_XML, '\ufffd').replace(/[&<>"\n]/g, (character) => ENTITIES[character] ?? character);
