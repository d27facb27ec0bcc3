import { randomBytes } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { pino } from "pino";
import { Counter, collectDefaultMetrics, Histogram, register } from "prom-client";

collectDefaultMetrics();

const requestCounter = new Counter({
  name: "requests_total",
  help: "Requests served, by route and status code.",
  labelNames: ["route", "code"],
});

const requestDuration = new Histogram({
  name: "request_seconds",
  help: "How long requests took to serve, in seconds, by route.",
  labelNames: ["route"],
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});

/** Logs and counts all requests, and serves the metrics. */
export function recordRequests(app: FastifyInstance, logFile: string): void {
  // Writes in batches, at least once a second, as Plaza does.
  const batches = { sync: false, minLength: 4_096, periodicFlush: 1_000 };
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: logFile, ...batches }),
  );
  app.decorateRequest("accountId", undefined);
  app.addHook("onResponse", (request, reply, done) => {
    const route = `${request.method} ${request.routeOptions.url}`;
    const { statusCode: code, elapsedTime } = reply;
    requestCounter.labels(route, String(code)).inc();
    requestDuration.labels(route).observe(elapsedTime / 1_000);
    const ms = Math.round(elapsedTime * 100) / 100;
    const { accountId: account } = request;
    log.info({ method: route, code, ms, trace: traceIdOf(request), account }, "request");
    done();
  });
  app.get("/metrics", async (_request, reply) => {
    reply.type(register.contentType);
    return register.metrics();
  });
}

/** The trace id of the caller's traceparent (W3C Trace Context), or a new one. */
function traceIdOf({ headers }: FastifyRequest): string {
  const [, traceId] = /^[\da-f]{2}-([\da-f]{32})-/.exec(String(headers["traceparent"])) ?? [];
  return traceId ?? randomBytes(16).toString("hex");
}
