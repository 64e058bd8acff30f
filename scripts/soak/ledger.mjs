import { createRequire } from 'node:module';

const { PluginError } = createRequire(import.meta.url)('../../dist/index.js');

const MAX_SHOWN = 20;

/** Records every invocation. Each must end once, with a correct answer or with a typed error that names the plugin. */
export class Ledger {
  sent = 0;
  violations = [];
  #open = new Set();
  #answered = new Map();
  #failed = new Map();
  #crashes = new Map();

  /** Records one invocation. `run` gets a function that tells whether it has ended; `isRight` checks the answer. */
  async follow(label, run, isRight = () => true) {
    const entry = { label };
    this.sent++;
    this.#open.add(entry);
    let isOver = false;
    try {
      const answer = await run(() => isOver);
      if (!isRight(answer)) this.violate(`${label} was answered ${JSON.stringify(answer)?.slice(0, 200)}`);
      count(this.#answered, label.split(' ')[0]);
    } catch (error) {
      this.#fail(label, error);
    } finally {
      isOver = true;
      this.#open.delete(entry);
    }
  }

  #fail(label, error) {
    const isTyped = error instanceof PluginError && typeof error.pluginId === 'string' && error.step !== undefined && error.hint !== undefined;
    if (!isTyped) this.violate(`${label} failed with ${error?.stack ?? error}`);
    else count(this.#failed, error.code);
  }

  /** Records a crash of a child. A kill for silence or for a protocol violation is a bug, since no fault in this test causes it. */
  crashed({ plugins, signal, exitCode, reason, during }) {
    const who = plugins.join(' and ');
    if (/no sign of life|broke the protocol/.test(reason)) this.violate(`the process of ${who} ${reason}`);
    if (who === 'good-c' && !/deadline|return from/.test(reason)) this.violate(`the process of ${who} ${reason} during ${during}`);
    const byHost = /it (was still in|did not return|closed its connection|[^0-9]*)/.exec(reason)?.[1];
    count(this.#crashes, reason.startsWith('was killed by the host') ? `killed: ${byHost}` : (signal ?? `exit ${exitCode}`));
  }

  violate(what) {
    this.violations.push(what);
    if (this.violations.length <= MAX_SHOWN) console.log(`VIOLATION: ${what}`);
  }

  /** The labels of the invocations that have not ended. */
  get open() {
    return [...this.#open].map(({ label }) => label);
  }

  print() {
    const answered = total(this.#answered);
    const failed = total(this.#failed);
    console.log(`invocations: ${this.sent} = ${answered} answered + ${failed} typed errors + ${this.sent - answered - failed} others`);
    console.log(`answered, by plugin: ${listed(this.#answered)}`);
    console.log(`typed errors, by code: ${listed(this.#failed)}`);
    console.log(`children that ended unexpectedly: ${total(this.#crashes)} (${listed(this.#crashes)})`);
  }
}

const count = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
const total = (map) => [...map.values()].reduce((sum, n) => sum + n, 0);
const listed = (map) => [...map].sort((a, b) => b[1] - a[1]).map(([key, n]) => `${key} ${n}`).join(', ') || 'none';
