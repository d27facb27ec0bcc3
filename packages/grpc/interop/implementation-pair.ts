import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { CaseName } from "./cases.ts";
import type { CaseRunner, GrpcImplementation, RunningServer } from "./implementation.ts";
import { type RecordingRelay, startRecordingRelay } from "./recording-relay.ts";

/** Tests these cases with the client of one stack and the server of another. */
export function testPair(
  client: GrpcImplementation,
  server: GrpcImplementation,
  cases: Partial<Record<CaseName, unknown>>,
): void {
  const name = `${client.name} to ${server.name}`;
  describe(name, { skip: client.skip || server.skip, timeout: 60_000 }, () => {
    let served: RunningServer;
    let wire: RecordingRelay;
    let caller: CaseRunner;
    before(async () => {
      served = await server.serve();
      wire = await startRecordingRelay(served.port);
      caller = await client.connect(wire.port, served.traits);
    });
    after(async () => {
      await caller?.close();
      await wire?.close();
      await served?.close();
    });
    afterEach(async () => {
      wire.takeEncodings("request");
      wire.takeEncodings("reply");
      const { runningCalls } = served;
      if (!runningCalls) return;
      for (let waited = 0; runningCalls() > 0 && waited < 2000; waited += 10) await sleep(10);
      assert.equal(runningCalls(), 0, "the server still works for calls that have ended");
    });
    for (const caseName of Object.keys(cases) as CaseName[]) {
      const skip = server.unsupportedServerCases[caseName] ?? false;
      it(`${name}: ${caseName}`, { skip, timeout: 15_000 }, () => caller.run(caseName, wire));
    }
  });
}
