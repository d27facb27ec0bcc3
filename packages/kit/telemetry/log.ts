import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger };

/** Where the lines of a log go: standard output, or a file that is appended to. */
export type LoggerOptions = { readonly file?: string; readonly level?: string };

/**
 * The process's logger: one JSON object per line, written in batches at least once a second, so that
 * a busy process does not wait for its log. Never hand it a message of the contract: those may hold
 * personal data.
 */
export function createLogger({ file, level = "info" }: LoggerOptions = {}): Logger {
  const sink = pino.destination({
    dest: file ?? 1,
    mkdir: true,
    sync: false,
    minLength: 4096,
    periodicFlush: 1_000,
  });
  return createStreamLogger(sink, level);
}

/** A logger that writes to the given stream; tests hand in their own. */
export function createStreamLogger(sink: DestinationStream, level = "info"): Logger {
  const { isoTime } = pino.stdTimeFunctions;
  return pino(
    { level, base: null, timestamp: isoTime, serializers: { err: serializeError } },
    sink,
  );
}

/** A logger that writes nothing. */
export const silentLogger: Logger = pino({ level: "silent" });

/** Writes out what the logger still holds. */
export function flushLogger(log: Logger): Promise<void> {
  return new Promise((resolve) => log.flush(() => resolve()));
}

const maxCauseDepth = 5;

// Not pino's own serializer: it copies every property, and PostgreSQL's errors carry the values of
// the row at fault in `detail`.
function serializeError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, stack, cause } = error;
  const code = "code" in error ? error.code : undefined;
  const goesOn = cause !== undefined && depth < maxCauseDepth;
  return {
    name,
    message: loggableMessage(error, code),
    code,
    stack: stack?.split("\n").filter((line) => /^ +at /.test(line)),
    ...(goesOn && { cause: serializeError(cause, depth + 1) }),
  };
}

// The message of a data exception (SQLSTATE class 22) quotes the value that PostgreSQL refused.
function loggableMessage({ name, message }: Error, code: unknown): string {
  const quotesValue = name === "PostgresError" && String(code).startsWith("22");
  return quotesValue ? "PostgreSQL refused a value" : message;
}
