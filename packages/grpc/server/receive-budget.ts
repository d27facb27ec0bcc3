import { Code, ConnectError } from "@connectrpc/connect";

/** A call with received bytes that nobody has read. */
export type PendingReceive = {
  /** Ends the call with this error. */
  reject(error: ConnectError): void;
};

/**
 * Bounds the bytes that the calls of a server have received and not read. Above the bound the newest calls are
 * refused, so that older ones can complete.
 */
export class ReceiveBudget {
  readonly #maxBytes: number;
  /** The bytes that each call holds, oldest call first. */
  readonly #bytesByCall = new Map<PendingReceive, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Records the bytes that a call holds: 0 when all are read or the call is over. */
  record(call: PendingReceive, bytes: number): void {
    const more = bytes - (this.#bytesByCall.get(call) ?? 0);
    this.#bytes += more;
    if (bytes > 0) this.#bytesByCall.set(call, bytes);
    else this.#bytesByCall.delete(call);
    if (more > 0 && this.#bytes > this.#maxBytes) this.#rejectNewest();
  }

  /** Frees an eighth of the budget: finding the newest calls iterates over all, which each turn must not do. */
  #rejectNewest(): void {
    const most = (this.#maxBytes * 7) / 8;
    for (const call of [...this.#bytesByCall.keys()].reverse()) {
      if (this.#bytes <= most) return;
      call.reject(receiveBudgetExceeded());
    }
  }
}

const receiveBudgetExceeded = () =>
  new ConnectError(
    "too much data of incomplete requests is buffered; try again later",
    Code.ResourceExhausted,
  );
