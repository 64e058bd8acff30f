/** A generation in the host's own process that hangs or crashes soon after it has taken over. Each host is a process of its own. */
import { describe, expect } from '@jest/globals';
import path from 'node:path';
import { answerOf, runChild } from '../support/child.js';
import { libraryFileName, projectRoot, temporaryFolder } from '../support/fixtures.js';
import { isMusl } from '../support/libc.js';
import { installBuild } from '../support/releases.js';
import { testOnPosix } from './reloaded.js';

interface Place {
  readonly folder: string;
  readonly stateDir: string;
}

const place = (): Place => {
  const folder = temporaryFolder();
  installBuild(folder, 'reloaded-1');
  return { folder, stateDir: temporaryFolder() };
};

/** Opens a host. `put` replaces the files of the plugin by those of another build, as an installer does. */
function inHost({ folder, stateDir }: Place, script: string): string {
  const options = { pluginDirs: [folder], isolation: 'in-process', hostVersion: '1.0.0', stateDir, dataDir: temporaryFolder(), trust: { copyDir: temporaryFolder() } };
  return `const { copyFileSync, renameSync } = require('node:fs');
    const plugin = ${JSON.stringify(path.join(folder, 'reloaded'))};
    const put = (build) => {
      for (const file of ${JSON.stringify([libraryFileName('reloaded'), 'aisopod.plugin.toml'])}) {
        copyFileSync(${JSON.stringify(path.join(projectRoot, 'build', 'releases'))} + '/' + build + '/' + file, plugin + '/' + file + '.new');
        renameSync(plugin + '/' + file + '.new', plugin + '/' + file);
      }
    };
    const open = (more) => aisopod.PluginHost.open({ ...${JSON.stringify(options)}, updates: { probationMs: 3_600_000 }, ...more });
    const codeOf = (failing) => failing.then(() => 'none', (error) => error.code);
    // On a busy machine a short deadline may pass before the call has begun; then it is called again.
    const codeInside = async (calling) => {
      const error = await calling().catch((thrown) => thrown);
      return error.stillRunning === false ? codeInside(calling) : error.code;
    };
    const until = async (isSo) => { while (!isSo()) await pause(5); };
    const call = (host, tool, params, more) => host.find('tool', tool).call(params, more);
    ${script}`;
}

describe('in-process, a generation on probation', () => {
  testOnPosix('that does not return from a call is rolled back, and its library is counted', async () => {
    const answer = await answerOf(
      inHost(
        place(),
        `const host = await open({ processes: { graceMs: 50 } });
        put('reloaded-2');
        const { outcome } = await host.update('reloaded');
        const before = await call(host, 'version', {});
        const hung = await codeInside(() => call(host, 'hang', {}, { timeoutMs: 50 }));
        await until(() => host.explain('reloaded').version === '1.0.0');
        const after = await call(host, 'version', {});
        await until(() => host.explain('reloaded').keptLibraries !== undefined);
        const { generation, lastUpdate, keptLibraries, otherGenerations } = host.explain('reloaded');
        const again = (await host.update('reloaded')).error.code;
        put('reloaded-2');
        const same = (await host.update('reloaded')).error.code;
        const { failed } = await host.close();
        console.log(JSON.stringify({ outcome, before, hung, after, generation, lastUpdate, keptLibraries, otherGenerations, again, same, failed }));
        process.exit();`,
      ),
    );
    expect(answer).toMatchObject({
      outcome: 'updated',
      before: { version: 2 },
      hung: 'ERR_INVOCATION_TIMEOUT',
      after: { version: 1 },
      generation: 1,
      lastUpdate: { outcome: 'rolled back', version: '2.0.0', code: 'ERR_LIFECYCLE_TIMEOUT', message: expect.stringContaining('tool hang') },
      keptLibraries: [isMusl ? 'only glibc can be asked whether it has unmapped a library' : 'code of it may still run'],
      again: 'ERR_UPDATE_REFUSED',
      same: 'ERR_QUARANTINED',
      failed: [],
    });
    expect(answer).not.toHaveProperty('otherGenerations');
  });

  testOnPosix('that returns within the grace stays', async () => {
    const answer = await answerOf(
      inHost(
        place(),
        `const host = await open({ processes: { graceMs: 3_600_000 } });
        put('reloaded-2');
        await host.update('reloaded');
        const late = await codeInside(() => call(host, 'wait_for', { file: plugin + '/never' }, { timeoutMs: 50 }));
        while ((await codeOf(call(host, 'version', {}))) === 'ERR_PLUGIN_BUSY') await pause(5); // until the late one has returned
        const version = await call(host, 'version', {});
        const { otherGenerations: [{ role }] } = host.explain('reloaded');
        await host.close();
        console.log(JSON.stringify({ late, version, role }));`,
      ),
    );
    expect(answer).toEqual({ late: 'ERR_INVOCATION_TIMEOUT', version: { version: 2 }, role: 'standby' });
  });

  testOnPosix('that crashes the host is quarantined at the next start: its bytes, not those that its folder then has', async () => {
    const where = place();
    const crash = await runChild(
      inHost(
        where,
        `const host = await open();
        put('reloaded-2');
        await host.update('reloaded');
        put('reloaded-1');
        await call(host, 'crash', {});`,
      ),
    );
    expect(crash).toMatchObject({ signal: 'SIGABRT' });
    const answer = await answerOf(
      inHost(
        where,
        `const host = await open();
        const version = await call(host, 'version', {});
        put('reloaded-2');
        const { outcome, error: { code, during } } = await host.update('reloaded');
        await host.close();
        console.log(JSON.stringify({ version, outcome, code, during }));`,
      ),
    );
    expect(answer).toEqual({ version: { version: 1 }, outcome: 'kept', code: 'ERR_QUARANTINED', during: 'active' });
  });

  testOnPosix('that the host ends with is not blamed', async () => {
    const where = place();
    await answerOf(inHost(where, `const host = await open(); put('reloaded-2'); await host.update('reloaded'); console.log(1); process.exit();`));
    const answer = await answerOf(inHost(where, `const host = await open(); console.log(JSON.stringify(await call(host, 'version', {}))); await host.close();`));
    expect(answer).toEqual({ version: 2 });
  });

  testOnPosix('is no longer blamed for a crash after its probation', async () => {
    const where = place();
    await runChild(
      inHost(
        where,
        `const host = await open({ updates: { probationMs: 1 } });
        put('reloaded-2');
        await host.update('reloaded');
        await until(() => host.explain('reloaded').otherGenerations === undefined);
        await call(host, 'crash', {});`,
      ),
    );
    const answer = await answerOf(inHost(where, `const host = await open(); console.log(JSON.stringify(await call(host, 'version', {}))); await host.close();`));
    expect(answer).toEqual({ version: 2 });
  });
});
