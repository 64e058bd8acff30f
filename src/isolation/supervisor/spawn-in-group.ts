import { LoadError } from '../../errors/index.js';
import { ChildCgroup } from './child-cgroup.js';
import type { SupervisorSettings } from './process-options.js';
import { forgetChild, killTree, spawnChild, type SpawnOptions, type Spawned } from './spawn.js';

/** Starts a child in a control group of its own, if the host has one for children. It is in the group before it loads a plugin. @throws LoadError ERR_CHILD_PROCESS */
export async function spawnInGroup(options: SpawnOptions, { cgroup, limits = {} }: Pick<SupervisorSettings, 'cgroup' | 'limits'>): Promise<Spawned> {
  if (cgroup === undefined) return spawnChild(options);
  const group = new ChildCgroup(cgroup, limits);
  try {
    const spawned = await spawnChild(options);
    addOrKill(group, spawned);
    return { ...spawned, group };
  } catch (error) {
    await group.remove();
    throw error;
  }
}

/** @throws LoadError ERR_CHILD_PROCESS */
function addOrKill(group: ChildCgroup, { process: child }: Spawned): void {
  try {
    if (child.pid === undefined) throw new LoadError('ERR_CHILD_PROCESS', { reason: 'it has no id' });
    group.add(child.pid);
  } catch (error) {
    child.once('exit', () => forgetChild(child));
    killTree(child);
    throw error;
  }
}
