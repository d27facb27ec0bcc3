import type { Logger } from "@plaza/kit/telemetry/log";
import { metricsRegistry } from "@plaza/kit/telemetry/metrics";
import type { HttpResponse } from "../http/http-message.ts";

/** Serves one fixed path. */
export type ProbeHandler = (response: HttpResponse) => void | Promise<void>;

/**
 * The paths for operators: /livez (the process runs), /readyz (200, or 503 with the problems) and /metrics
 * (Prometheus text).
 */
export function createProbes(
  problems: () => Promise<string[]>,
  log: Logger,
): Map<string, ProbeHandler> {
  const ready = async (response: HttpResponse) => {
    const found = await problems();
    if (found.length > 0) log.warn({ problems: found }, "not ready");
    sendText(response, found.length > 0 ? 503 : 200, found.join("\n") || "ok");
  };
  const metrics = async (response: HttpResponse) => {
    const body = await metricsRegistry.metrics();
    response.writeHead(200, {
      "content-type": metricsRegistry.contentType,
      "cache-control": "no-store",
    });
    response.end(body);
  };
  return new Map<string, ProbeHandler>([
    ["/livez", (response) => sendText(response, 200, "ok")],
    ["/readyz", ready],
    ["/metrics", metrics],
  ]);
}

function sendText(response: HttpResponse, status: number, body: string): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(`${body}\n`);
}
