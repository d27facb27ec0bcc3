import { ConnectionError } from "./connection-error.ts";
import { errorCode } from "./frames.ts";
import { TokenBucket } from "./token-bucket.ts";

/** A WINDOW_UPDATE of this size or more is never counted. */
const smallWindowUpdateBytes = 1_024;
/** Of the frames that have been sent: a peer's answers to them may be read much later. */
const maxPermittedFrames = 10_000;
/** HEADERS, trailers, RST_STREAM and WINDOW_UPDATE may still be on their way when a call is over. */
const lateFramesPerCall = 4;

/** What has been sent on a connection: the work that the peer has had done for it. */
export type SentWork = {
  /** DATA and HEADERS frames. */
  readonly sentFrames: number;
  /** Bytes of DATA. */
  readonly sentDataBytes: number;
};

/**
 * Bounds how often a peer does what costs it less than us, by the clock and by the work done for it meanwhile.
 * Beyond, the connection ends with ENHANCE_YOUR_CALM: each method that counts throws a ConnectionError.
 */
export class FloodGuard {
  readonly #work: SentWork;
  readonly #controlFrames = new TokenBucket(1_000, 100);
  readonly #resets = new TokenBucket(1_000, 100);
  readonly #uselessFrames = new TokenBucket(10_000, 1_000);
  #countedFrames = 0;
  #permittedFrames = 0;
  #returnedBytes = 0;

  constructor(work: SentWork) {
    this.#work = work;
  }

  /**
   * Counts a frame that makes us answer or look something up. Each DATA or HEADERS frame sent permits one, since
   * peers measure the bandwidth with a PING for what they receive (gRFC A8, "Server Enforcement").
   */
  countControlFrame(name: string): void {
    const { sentFrames } = this.#work;
    const permitted = this.#permittedFrames + sentFrames - this.#countedFrames;
    this.#permittedFrames = Math.min(permitted, maxPermittedFrames);
    this.#countedFrames = sentFrames;
    if (this.#permittedFrames > 0) {
      this.#permittedFrames -= 1;
      return;
    }
    // The debug data that gRFC A8 has clients look for.
    takeToken(this.#controlFrames, name === "PING" ? "too_many_pings" : `too many ${name} frames`);
  }

  /**
   * Counts a WINDOW_UPDATE. Those that return sent bytes are free, however small: the connection and the stream
   * return each byte once. RFC 9113, section 6.9, sets no minimum, and gRPC's C core returns each message.
   */
  countWindowUpdate(bytes: number): void {
    if (bytes >= smallWindowUpdateBytes) return;
    if (bytes > 0 && this.#returnedBytes + bytes <= 2 * this.#work.sentDataBytes)
      this.#returnedBytes += bytes;
    else this.countUselessFrame("small WINDOW_UPDATE");
  }

  /** Counts a frame that changes nothing. */
  countUselessFrame(name: string): void {
    takeToken(this.#uselessFrames, `too many ${name} frames`);
  }

  /** Counts a reset by the peer, or one that its frames made us send. */
  countReset(): void {
    takeToken(this.#resets, "too many streams that are reset");
  }

  /**
   * A call was answered, which permits the peer another reset: clients that hedge cancel many calls, in
   * proportion to those they finish.
   */
  onResponse(): void {
    this.#resets.refund(1);
  }

  /** A call begins, which permits the peer a few frames that arrive after the call is over. */
  onCall(): void {
    this.#uselessFrames.refund(lateFramesPerCall);
  }
}

function takeToken(bucket: TokenBucket, message: string): void {
  if (!bucket.tryTake()) throw new ConnectionError(errorCode.enhanceYourCalm, message);
}
