type Waiting<T> = {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
};

/**
 * Messages between the connection, which pushes, and a reader, who takes them one by one in a
 * `for await`. What was pushed before an error is still read.
 */
export class MessageQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #items: { readonly value: T; readonly size: number }[] = [];
  readonly #onTaken: (size: number) => void;
  readonly #onReturn: () => void;
  #waiting: Waiting<T> | undefined;
  #isOver = false;
  #error: unknown;

  /** `onTaken` hears of the bytes that each taken message took; `onReturn`, that no more is wanted. */
  constructor(onTaken: (size: number) => void, onReturn: () => void) {
    this.#onTaken = onTaken;
    this.#onReturn = onReturn;
  }

  push(value: T, size: number): void {
    if (this.#isOver) this.#onTaken(size);
    else if (this.#waiting) {
      const { resolve } = this.#waiting;
      this.#waiting = undefined;
      this.#onTaken(size);
      resolve({ done: false, value });
    } else this.#items.push({ value, size });
  }

  /** Ends the messages, with an error unless they have ended well. */
  end(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error === undefined) waiting?.resolve(done);
    else waiting?.reject(error);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items.shift();
    if (item) {
      this.#onTaken(item.size);
      return Promise.resolve({ done: false, value: item.value });
    }
    if (this.#isOver) {
      return this.#error === undefined ? Promise.resolve(done) : Promise.reject(this.#error);
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    for (const { size } of this.#items.splice(0)) this.#onTaken(size);
    if (!this.#isOver) {
      this.end();
      this.#onReturn();
    }
    this.#error = undefined;
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const done = { done: true, value: undefined } as const;
