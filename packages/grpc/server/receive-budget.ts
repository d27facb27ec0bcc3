import { Code, ConnectError } from "@connectrpc/connect";

/** A call of which a message is on its way. */
export type PendingReceive = {
  /** Ends the call with this error. */
  reject(error: ConnectError): void;
};

/**
 * Bounds what the calls of a server hold of messages that are not all there. When that is too much the
 * newest are refused, so that those come through which have begun before.
 */
export class ReceiveBudget {
  readonly #maxBytes: number;
  /** What each call holds, the oldest first. */
  readonly #bytesByCall = new Map<PendingReceive, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes note of how much a call holds now: 0 once its message is there, or the call is over. */
  record(call: PendingReceive, bytes: number): void {
    const more = bytes - (this.#bytesByCall.get(call) ?? 0);
    this.#bytes += more;
    if (bytes > 0) this.#bytesByCall.set(call, bytes);
    else this.#bytesByCall.delete(call);
    if (more > 0 && this.#bytes > this.#maxBytes) this.#rejectNewest();
  }

  /** Makes an eighth free: to find the newest takes a look at all, which must not be had with every frame. */
  #rejectNewest(): void {
    const most = (this.#maxBytes * 7) / 8;
    for (const call of [...this.#bytesByCall.keys()].reverse()) {
      if (this.#bytes <= most) return;
      call.reject(receiveBudgetExceeded());
    }
  }
}

const receiveBudgetExceeded = () =>
  new ConnectError("too much of unfinished requests lies here", Code.ResourceExhausted);
