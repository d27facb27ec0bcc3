import postgres from "postgres";

/**
 * The connection was lost while a statement was in flight: whether the server executed it is unknown. Retry
 * only what is idempotent.
 */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
  readonly code = "CONNECTION_LOST";

  constructor(cause: unknown) {
    super("The connection to PostgreSQL was lost; a statement on it may or may not have run.", {
      cause,
    });
  }
}

/**
 * Codes of errors that mean "the server is unavailable, retry later": ours, those of postgres.js and the
 * system, and SQLSTATEs (PostgreSQL manual, appendix A).
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
 * Whether the error, or one in its chain of causes, means that PostgreSQL is down, restarting or out of
 * reach. Callers should fail with UNAVAILABLE; the pool reconnects by itself.
 */
export function isUnavailable(error: unknown): boolean {
  let link = error;
  for (let depth = 0; link instanceof Error && depth < maxCauseDepth; depth += 1) {
    const { code, syscall, cause } = link as NodeJS.ErrnoException;
    if (code !== undefined && unavailableCodes.has(code)) return true;
    // The file of a Unix socket is missing while no server runs.
    if (code === "ENOENT" && syscall === "connect") return true;
    link = cause;
  }
  return false;
}

// Bounds cyclic chains of causes.
const maxCauseDepth = 10;

/**
 * Whether the error is a unique_violation (23505) of the given constraint or unique index; of any when none
 * is given.
 */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return (
    error instanceof postgres.PostgresError &&
    error.code === "23505" &&
    (constraint === undefined || error.constraint_name === constraint)
  );
}

/** Whether the error is in_failed_sql_transaction (25P02): an earlier statement failed. */
export function isInFailedTransaction(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.code === "25P02";
}

/**
 * Whether the error is deadlock_detected (40P01) or serialization_failure (40001): the transaction was rolled
 * back and may be retried at once.
 */
export function isSerializationFailure(error: unknown): boolean {
  return error instanceof postgres.PostgresError && ["40P01", "40001"].includes(error.code);
}

/** Whether PostgreSQL cancelled a statement, by its timeout or on request (query_canceled). */
export function isQueryCanceled(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.code === "57014";
}
