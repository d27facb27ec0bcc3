import path from "node:path";
import type { Config } from "@plaza/kit/config";
import { createLogger, flushLogger, type Logger } from "@plaza/kit/telemetry/log";
import type { CleanupStack } from "./cleanup-stack.ts";

/**
 * Creates the logger of a process: to a file in the data folder in development, where the terminal is for
 * people; to standard output in production, where a collector reads it.
 */
export function createProcessLogger(config: Config, cleanup: CleanupStack): Logger {
  const level = config.PLAZA_LOG_LEVEL;
  const log =
    config.PLAZA_ENV === "production"
      ? createLogger({ level })
      : createLogger({ level, file: path.resolve(config.PLAZA_DATA, "plaza.log") });
  cleanup.defer(() => flushLogger(log));
  process.on("unhandledRejection", (err) => log.error({ err }, "unhandled rejection"));
  return log;
}
