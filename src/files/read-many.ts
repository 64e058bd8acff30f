import { sep } from 'node:path';
import { Worker } from 'node:worker_threads';
import { READ_FLAGS } from './open-regular-file.js';

/** A folder, and the stamp of its file when that file was last read. `undefined`: there is nothing to read. */
export type FolderRequest = { readonly folder: string; readonly known: string | undefined } | undefined;

/**
 * The file of one folder, or `unchanged` if its stamp is still `known`. `undefined` in every special case (a missing or large file, an
 * error, no request): the caller then reads the folder itself.
 */
export type FolderReply = { readonly stamp: string; readonly bytes: Uint8Array } | 'unchanged' | undefined;

/** Folders in one message: large enough that messages cost little. The caller divides the work on the replies. */
const BATCH = 256;

/**
 * Runs on its own thread, where synchronous reads need no thread switch per operation, and where a file system that hangs does
 * not block the host. It is text, because a host's bundler would not find a file. It uses only Node's modules.
 */
const PROGRAM = `
  const { parentPort, workerData: { name, maxBytes, flags } } = require('node:worker_threads');
  const { closeSync, fstatSync, openSync, readSync, statSync } = require('node:fs');
  const buffer = Buffer.alloc(maxBytes + 1);
  const stampOf = ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join();

  function open(file) {
    const descriptor = openSync(file, flags);
    try {
      const stats = fstatSync(descriptor, { bigint: true });
      if (!stats.isFile()) return undefined;
      const length = readSync(descriptor, buffer, 0, buffer.length, 0);
      if (length > maxBytes || BigInt(length) !== stats.size) return undefined;
      return { stamp: stampOf(stats), bytes: Uint8Array.from(buffer.subarray(0, length)) };
    } finally {
      closeSync(descriptor);
    }
  }

  function read(request) {
    if (request === undefined) return undefined;
    const { folder, known } = request;
    try {
      const file = folder + ${JSON.stringify(sep)} + name;
      if (known !== undefined && stampOf(statSync(file, { bigint: true })) === known) return 'unchanged';
      return open(file);
    } catch {
      return undefined;
    }
  }

  parentPort.on('message', (requests) => parentPort.postMessage(requests.map(read)));
`;

/** Reads the file `name`, of at most `maxBytes`, in each folder. Yields one reply for each request, in order. */
export async function* readMany(requests: readonly FolderRequest[], name: string, maxBytes: number): AsyncGenerator<FolderReply> {
  const worker = new Reader(name, maxBytes);
  try {
    let next = worker.read(requests.slice(0, BATCH));
    for (let at = 0; at < requests.length; at += BATCH) {
      const replies = await next;
      // Read the next batch while the caller processes this one.
      next = worker.read(requests.slice(at + BATCH, at + 2 * BATCH));
      yield* replies;
    }
  } finally {
    worker.end();
  }
}

/** The thread that reads. If it cannot be started, or ends, every remaining reply is `undefined`. */
class Reader {
  readonly #worker: Worker | undefined;
  #waiting: { readonly count: number; readonly resolve: (replies: FolderReply[]) => void } | undefined;
  #hasEnded = false;

  constructor(name: string, maxBytes: number) {
    try {
      // No Node options of the host: its hooks must not run here. Own streams: otherwise Node makes the host's pipes non-blocking.
      const options = { eval: true, workerData: { name, maxBytes, flags: READ_FLAGS }, execArgv: [], env: {}, stdout: true, stderr: true };
      this.#worker = new Worker(PROGRAM, options);
    } catch {
      this.#hasEnded = true; // not allowed (--permission), or no thread left
      return;
    }
    this.#worker.on('message', (replies: FolderReply[]) => this.#settle(replies));
    this.#worker.on('error', () => this.#stop());
    this.#worker.on('exit', () => this.#stop());
  }

  /** Call this only after the previous call has resolved. */
  read(requests: readonly FolderRequest[]): Promise<FolderReply[]> {
    const { length: count } = requests;
    if (this.#hasEnded || count === 0) return Promise.resolve(Array<FolderReply>(count).fill(undefined));
    return new Promise((resolve) => {
      this.#waiting = { count, resolve };
      this.#worker?.postMessage(requests);
    });
  }

  end(): void {
    this.#hasEnded = true;
    void this.#worker?.terminate();
  }

  #stop(): void {
    this.#hasEnded = true;
    if (this.#waiting !== undefined) this.#settle(Array<FolderReply>(this.#waiting.count).fill(undefined));
  }

  #settle(replies: FolderReply[]): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(replies);
  }
}
