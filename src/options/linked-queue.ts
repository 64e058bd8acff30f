/** An item's node in a queue, used to remove it. */
export class QueueLink<T> {
  previous: QueueLink<T> | undefined;
  next: QueueLink<T> | undefined;
  isQueued = true;

  constructor(readonly item: T) {}
}

/** A FIFO queue that can also remove any item. All operations take constant time. */
export class LinkedQueue<T> {
  #first: QueueLink<T> | undefined;
  #last: QueueLink<T> | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  push(item: T): QueueLink<T> {
    const link = new QueueLink(item);
    link.previous = this.#last;
    if (this.#last === undefined) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
    return link;
  }

  /** Puts an item before all others. */
  pushFront(item: T): QueueLink<T> {
    const link = new QueueLink(item);
    link.next = this.#first;
    if (this.#first === undefined) this.#last = link;
    else this.#first.previous = link;
    this.#first = link;
    return link;
  }

  shift(): T | undefined {
    const link = this.#first;
    if (link === undefined) return undefined;
    this.remove(link);
    return link.item;
  }

  /** Returns whether the item was still in the queue. */
  remove(link: QueueLink<T>): boolean {
    if (!link.isQueued) return false;
    const { previous, next } = link;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    link.previous = link.next = undefined;
    link.isQueued = false;
    return true;
  }
}
