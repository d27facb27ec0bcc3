import { Code, ConnectError } from "@connectrpc/connect";

/** A call of which a message is on its way. */
export type Arriving = {
  /** Ends the call with this error. */
  refuse(error: ConnectError): void;
};

/**
 * Bounds what the calls of a server hold of messages that are not all there. When that is too much the
 * newest are refused, so that those come through which have begun before.
 */
export class Unfinished {
  readonly #maxBytes: number;
  /** What each call holds, the oldest first. */
  readonly #held = new Map<Arriving, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes note of how much a call holds now: 0 once its message is there, or the call is over. */
  count(call: Arriving, bytes: number): void {
    const more = bytes - (this.#held.get(call) ?? 0);
    this.#bytes += more;
    if (bytes > 0) this.#held.set(call, bytes);
    else this.#held.delete(call);
    if (more > 0 && this.#bytes > this.#maxBytes) this.#makeRoom();
  }

  /** Makes an eighth free: to find the newest takes a look at all, which must not be had with every frame. */
  #makeRoom(): void {
    const most = (this.#maxBytes * 7) / 8;
    for (const call of [...this.#held.keys()].reverse()) {
      if (this.#bytes <= most) return;
      call.refuse(tooMuch());
    }
  }
}

const tooMuch = () =>
  new ConnectError("too much of unfinished requests lies here", Code.ResourceExhausted);
