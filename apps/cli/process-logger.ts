import path from "node:path";
import type { Config } from "@plaza/kit/config";
import { createLogger, flushLogger, type Logger } from "@plaza/kit/telemetry/log";
import type { CleanupStack } from "./cleanup-stack.ts";

/**
 * The process's log: a file in the data folder during development, where the terminal is for people;
 * standard output in production, where a collector reads it.
 */
export function createProcessLogger(config: Config, teardown: CleanupStack): Logger {
  const level = config.PLAZA_LOG_LEVEL;
  const log =
    config.PLAZA_ENV === "production"
      ? createLogger({ level })
      : createLogger({ level, file: path.resolve(config.PLAZA_DATA, "plaza.log") });
  teardown.defer(() => flushLogger(log));
  process.on("unhandledRejection", (err) => log.error({ err }, "unhandled rejection"));
  return log;
}
