import { describe, expect, test } from '@jest/globals';
import { checkHostVersion, checkVersionCompatibility, parseManifest } from '../../src/manifest/index.js';
import { MINIMAL, refusalOf } from './sample.js';

const between = (min: string, max: string) => parseManifest(`${MINIMAL}[compatibility]\nmin_host_version = "${min}"\nmax_host_version = "${max}"`);

describe('checkVersionCompatibility', () => {
  const manifest = between('1.2.0', '2.0.0');

  test.each(['1.2.0', '1.2.1-alpha', '1.10.0', '2.0.0', '2.0.0-rc.1', '2.0.0+build.7', '1.2.0+build.7'])('host %s lies within 1.2.0 to 2.0.0', (host) => {
    expect(() => checkVersionCompatibility(manifest, host)).not.toThrow();
  });

  test.each(['1.1.9', '1.2.0-rc.1', '0.0.0'])('host %s is below 1.2.0', (host) => {
    const error = refusalOf(() => checkVersionCompatibility(manifest, host));
    expect(error).toMatchObject({ code: 'ERR_VERSION_COMPATIBILITY', bound: 'min_host_version', expected: '1.2.0 or newer', found: host, pluginId: 'weather' });
    expect(error.hint).toMatch(/^Update the host/);
  });

  test.each(['2.0.1-0', '2.0.1', '10.0.0'])('host %s is above 2.0.0', (host) => {
    const error = refusalOf(() => checkVersionCompatibility(manifest, host));
    expect(error).toMatchObject({ code: 'ERR_VERSION_COMPATIBILITY', bound: 'max_host_version', expected: '2.0.0 or older', found: host });
  });

  test('prereleases come before their release, and are ordered among themselves', () => {
    expect(() => checkVersionCompatibility(between('1.0.0-rc.1', '1.0.0-rc.10'), '1.0.0-rc.2')).not.toThrow();
    expect(refusalOf(() => checkVersionCompatibility(between('1.0.0-rc.2', '1.0.0'), '1.0.0-rc.1')).code).toBe('ERR_VERSION_COMPATIBILITY');
    expect(refusalOf(() => checkVersionCompatibility(between('0.1.0', '1.0.0-rc.1'), '1.0.0')).code).toBe('ERR_VERSION_COMPATIBILITY');
  });

  test.each(['v1.2.0', ' 1.2.0', '1.2', '', 'latest', '01.2.0'])('host version %j is no version', (host) => {
    const expected = { code: 'ERR_VERSION_COMPATIBILITY', bound: 'host', found: JSON.stringify(host) };
    expect(refusalOf(() => checkVersionCompatibility(manifest, host))).toMatchObject(expected);
    expect(refusalOf(() => checkHostVersion(host))).toMatchObject(expected);
    expect(refusalOf(() => parseManifest(MINIMAL, { hostVersion: host }))).toMatchObject(expected);
  });

  test('without bounds every host will do, and the version of the plugin plays no part', () => {
    expect(() => checkVersionCompatibility(parseManifest(MINIMAL), '0.0.1')).not.toThrow();
    expect(() => checkVersionCompatibility(parseManifest(MINIMAL.replace('1.4.0', '99.0.0')), '1.0.0')).not.toThrow();
  });
});

describe('the host version is judged before the rest of the manifest', () => {
  const future = `[plugin]\nid = "weather"\nkind = "quantum"\n[compatibility]\nmin_host_version = "9.0.0"\nabi = "two"\n[sandbox]\nlevel = 3\n`;

  test('a manifest from the future asks for a newer host', () => {
    const error = refusalOf(() => parseManifest(future, { hostVersion: '1.0.0', path: '/p/aisopod.plugin.toml' }));
    expect(error).toMatchObject({ code: 'ERR_VERSION_COMPATIBILITY', bound: 'min_host_version', found: '1.0.0', pluginId: 'weather', path: '/p/aisopod.plugin.toml' });
  });

  test.each([undefined, '9.0.0'])('its unknown keys are told where host version %s is fine', (hostVersion) => {
    expect(refusalOf(() => parseManifest(future, hostVersion === undefined ? {} : { hostVersion })).code).toBe('ERR_MANIFEST');
  });

  test.each(['min_host_version = "9"', 'min_host_version = 9', 'min_host_version = "9.0.0"\nmax_host_version = "8.0.0"', 'min_hots_version = "9.0.0"'])(
    '%j cannot be judged, so the manifest is at fault',
    (bounds) => {
      expect(refusalOf(() => parseManifest(`${MINIMAL}[compatibility]\n${bounds}`, { hostVersion: '1.0.0' })).code).toBe('ERR_MANIFEST');
    },
  );

  test('one sound bound is judged though the other is not', () => {
    const text = `${MINIMAL}[compatibility]\nmin_host_version = "9.0.0"\nmax_host_version = "x"`;
    expect(refusalOf(() => parseManifest(text, { hostVersion: '1.0.0' })).code).toBe('ERR_VERSION_COMPATIBILITY');
  });
});
