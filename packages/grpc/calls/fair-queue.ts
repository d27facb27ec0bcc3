type Job = () => Promise<unknown>;

/** Runs at most so many jobs at once; the owners of those that wait take turns. */
export class FairQueue {
  readonly #maxRunning: number;
  readonly #jobsByOwner = new Map<object, Job[]>();
  #running = 0;

  constructor(maxRunning: number) {
    this.#maxRunning = maxRunning;
  }

  /** Settles as the job does, which begins when it is its owner's turn. */
  run<T>(owner: object, job: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const jobs = this.#jobsByOwner.get(owner);
      const settled = () => job().then(resolve, reject);
      if (jobs) jobs.push(settled);
      else this.#jobsByOwner.set(owner, [settled]);
      this.#startNext();
    });
  }

  #startNext(): void {
    if (this.#running >= this.#maxRunning) return;
    const [next] = this.#jobsByOwner;
    if (!next) return;
    const [owner, jobs] = next;
    const job = jobs.shift();
    this.#jobsByOwner.delete(owner);
    if (jobs.length > 0) this.#jobsByOwner.set(owner, jobs);
    if (!job) return;
    this.#running += 1;
    void job().finally(() => {
      this.#running -= 1;
      this.#startNext();
    });
  }
}
