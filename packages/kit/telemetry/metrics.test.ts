import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCallRecorder, metricsRegistry } from "./metrics.ts";

describe("createCallRecorder", () => {
  it("counts calls by method and code, and their time by method, as Prometheus reads them", async () => {
    const meter = createCallRecorder("plaza.test.v1.Meter/Get");
    meter("ok", 0.4);
    meter("ok", 30);
    meter("not_found", 4_000);

    const text = await metricsRegistry.metrics();
    const method = 'method="plaza.test.v1.Meter/Get"';
    for (const line of [
      `plaza_calls_total{${method},code="ok"} 2`,
      `plaza_calls_total{${method},code="not_found"} 1`,
      `plaza_call_seconds_count{${method}} 3`,
      `plaza_call_seconds_bucket{le="0.0005",${method}} 1`,
      `plaza_call_seconds_bucket{le="0.05",${method}} 2`,
      `plaza_call_seconds_bucket{le="+Inf",${method}} 3`,
    ]) {
      assert.ok(text.includes(line), line);
    }
    assert.match(text, /# TYPE plaza_call_seconds histogram/);
  });

  it("exports metrics of the process itself", async () => {
    assert.match(await metricsRegistry.metrics(), /process_resident_memory_bytes \d+/);
  });
});
