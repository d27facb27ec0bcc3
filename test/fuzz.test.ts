import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runFuzzSuite } from "../chaos/fuzz/suite.ts";
import { isDefaultPlacement } from "./base/running-plaza.ts";

/** Inputs to each method and route; less where placements repeat what one has shown. */
const n = isDefaultPlacement ? 60 : 15;

describe("random input", () => {
  it("to every RPC and REST route causes no crash, internal error or leak", async (test) => {
    const seed = Date.now() % 1_000_000;
    test.diagnostic(`long form: npm run chaos fuzz -- --n 2000 --seed ${seed}`);
    const { targets, inputs, failures, outcomes, memoryBytes } = await runFuzzSuite({ n, seed });
    test.diagnostic(`${inputs} inputs to ${targets} targets`);
    assert.deepEqual(failures, [], `seed ${seed}`);
    assert.equal(inputs, targets * n);
    for (const protocol of ["REST", "Connect", "gRPC", "gRPC-Web"]) {
      assert.ok((outcomes[`${protocol} 200`] ?? 0) > 0, `nothing succeeded over ${protocol}`);
    }
    assert.ok(memoryBytes < 512e6, `${memoryBytes} bytes`);
  });
});
