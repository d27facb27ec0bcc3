import { ConnectionError } from "./connection-error.ts";
import { errorCode } from "./frames.ts";
import { TokenBucket } from "./token-bucket.ts";

/**
 * Bounds how often a peer does what costs it less than us. Beyond, the connection ends with
 * ENHANCE_YOUR_CALM: each method that counts throws a ConnectionError.
 */
export class FloodGuard {
  readonly #controlFrames = new TokenBucket(1_000, 100);
  readonly #resets = new TokenBucket(1_000, 100);
  readonly #uselessFrames = new TokenBucket(10_000, 1_000);

  /** Counts a frame that makes us answer or look something up. */
  countControlFrame(name: string): void {
    takeToken(this.#controlFrames, name);
  }

  /** Counts a frame that changes nothing. */
  countUselessFrame(name: string): void {
    takeToken(this.#uselessFrames, name);
  }

  /** Counts a reset by the peer, or one that its frames made us send. */
  countReset(): void {
    takeToken(this.#resets, "streams that are reset");
  }

  /**
   * A call was answered, which permits the peer another reset: clients that hedge cancel many calls, in
   * proportion to those they finish.
   */
  onResponse(): void {
    this.#resets.refund();
  }

  /** A call of ours begins, which permits the peer one frame that arrives after the call is over. */
  onCall(): void {
    this.#uselessFrames.refund();
  }
}

function takeToken(bucket: TokenBucket, name: string): void {
  if (bucket.tryTake()) return;
  throw new ConnectionError(errorCode.enhanceYourCalm, `too many ${name}`);
}
