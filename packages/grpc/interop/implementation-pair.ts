import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type CaseName, cases } from "./cases.ts";
import type { Caller, Served, Stack } from "./implementation.ts";
import { relay, type Wire } from "./recording-relay.ts";

/** Tests every case with the client of one stack and the server of another. */
export function pair(client: Stack, server: Stack): void {
  const name = `${client.name} to ${server.name}`;
  describe(name, { skip: client.skip || server.skip, timeout: 60_000 }, () => {
    let served: Served;
    let wire: Wire;
    let caller: Caller;
    before(async () => {
      served = await server.serve();
      wire = await relay(served.port);
      caller = await client.connect(wire.port, served.traits);
    });
    after(async () => {
      await caller?.close();
      await wire?.close();
      await served?.close();
    });
    afterEach(async () => {
      wire.take("request");
      wire.take("reply");
      const { running } = served;
      if (!running) return;
      for (let waited = 0; running() > 0 && waited < 2000; waited += 10) await sleep(10);
      assert.equal(running(), 0, "the server still works for calls that have ended");
    });
    for (const caseName of Object.keys(cases) as CaseName[]) {
      const skip = server.serverLacks[caseName] ?? false;
      it(`${name}: ${caseName}`, { skip, timeout: 15_000 }, () => caller.run(caseName, wire));
    }
  });
}
