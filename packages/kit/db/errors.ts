import postgres from "postgres";

/**
 * The connection went away while a statement was on it. Whether the server executed the statement
 * is unknown, so it must not simply be sent again unless it is idempotent.
 */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLost";
  readonly code = "CONNECTION_LOST";

  constructor(cause: unknown) {
    super("The connection to PostgreSQL was lost; a statement on it may or may not have run.", {
      cause,
    });
  }
}

/**
 * Codes that mean "the server cannot be used now, try later": ours, postgres.js' own, the system's,
 * and SQLSTATEs (PostgreSQL manual, appendix A).
 */
const unavailableCodes = new Set([
  "CONNECTION_LOST",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "08000", // connection_exception
  "08003", // connection_does_not_exist
  "08006", // connection_failure
  "53300", // too_many_connections
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now: starting up or shutting down
]);

/**
 * Says whether `error`, or any error in its chain of causes, means that PostgreSQL is down,
 * restarting or out of reach. Callers answer UNAVAILABLE; the pool connects again by itself.
 */
export function isUnavailable(error: unknown): boolean {
  let link = error;
  for (let depth = 0; link instanceof Error && depth < maxCauseDepth; depth += 1) {
    const { code, syscall, cause } = link as NodeJS.ErrnoException;
    if (code !== undefined && unavailableCodes.has(code)) return true;
    // A Unix socket whose server is gone has no file.
    if (code === "ENOENT" && syscall === "connect") return true;
    link = cause;
  }
  return false;
}

// A chain of causes may lead back into itself.
const maxCauseDepth = 10;

/**
 * Says whether `error` is PostgreSQL's unique_violation (23505), of the named constraint or unique
 * index if one is given, of any otherwise.
 */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return (
    error instanceof postgres.PostgresError &&
    error.code === "23505" &&
    (constraint === undefined || error.constraint_name === constraint)
  );
}

/** Says whether `error` only tells that an earlier statement of the transaction has failed (25P02). */
export function isInFailedTransaction(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.code === "25P02";
}

/**
 * Says whether PostgreSQL gave up this transaction in favour of another: a deadlock (40P01) or a
 * serialization failure (40001). Nothing of it happened; the same may succeed at once.
 */
export function isSerializationFailure(error: unknown): boolean {
  return error instanceof postgres.PostgresError && ["40P01", "40001"].includes(error.code);
}
