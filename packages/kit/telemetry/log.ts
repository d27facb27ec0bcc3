import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger };

/** Options of `createLogger`; without `file` it writes to standard output. */
export type LoggerOptions = { readonly file?: string; readonly level?: string };

/**
 * Creates the logger of a process. It writes one JSON object per line, in batches, at least once a second, so
 * that a busy process does not wait for its log. Never log protobuf messages: they may contain personal data.
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

/** Creates a logger that writes to a stream, for tests. */
export function createStreamLogger(sink: DestinationStream, level = "info"): Logger {
  const { isoTime } = pino.stdTimeFunctions;
  return pino(
    { level, base: null, timestamp: isoTime, serializers: { err: serializeError } },
    sink,
  );
}

/** A logger that writes nothing. */
export const silentLogger: Logger = pino({ level: "silent" });

/** Flushes buffered lines. */
export function flushLogger(log: Logger): Promise<void> {
  return new Promise((resolve) => log.flush(() => resolve()));
}

const maxCauseDepth = 5;

// Not pino's own serializer: it copies all properties, and `detail` of PostgreSQL errors quotes values of
// rows.
function serializeError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, stack, cause } = error;
  const code = "code" in error ? error.code : undefined;
  const hasCause = cause !== undefined && depth < maxCauseDepth;
  return {
    name,
    message: loggableMessage(error, code),
    code,
    stack: stack?.split("\n").filter((line) => /^ +at /.test(line)),
    ...(hasCause && { cause: serializeError(cause, depth + 1) }),
  };
}

// The message of a data exception (SQLSTATE class 22) quotes the value that PostgreSQL refused.
function loggableMessage({ name, message }: Error, code: unknown): string {
  const quotesValue = name === "PostgresError" && String(code).startsWith("22");
  return quotesValue ? "PostgreSQL refused a value" : message;
}
