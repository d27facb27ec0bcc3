import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { defaultConnectionLimits } from "../http2/connection-limits.ts";
import { serverAddressOf } from "../testing/server-address.ts";
import { Channel } from "./channel.ts";
import { LoadBalancer } from "./load-balancer.ts";

const broken = new ConnectError("broken", Code.Internal);
const refused = new ConnectError("refused", Code.InvalidArgument);
const late = new ConnectError("late", Code.DeadlineExceeded);
const canceled = new ConnectError("called off", Code.Canceled);
const stepMs = 30_000;

describe("a server that fails five calls in a row", () => {
  let now: number;
  let bad: Channel;
  let balancer: LoadBalancer;
  beforeEach(() => {
    now = 1_000;
    mock.method(performance, "now", () => now);
    const good = channelTo("http://good:1");
    bad = channelTo("http://bad:1");
    balancer = new LoadBalancer([good, bad], "round_robin");
  });
  afterEach(() => mock.restoreAll());

  const isOut = () => ![balancer.pick(undefined), balancer.pick(undefined)].includes(bad);

  function fail(calls: number): void {
    for (let n = 0; n < calls; n++) balancer.recordOutcome(bad, broken, false);
  }

  /** Goes on until the server is back; answers how many times 30 s that took. */
  function stepsUntilBack(): number {
    let steps = 0;
    for (; isOut(); steps++) now += stepMs;
    return steps;
  }

  it("is ejected for 30 s", () => {
    fail(4);
    assert.equal(isOut(), false);
    fail(1);
    now += stepMs - 1;
    assert.equal(isOut(), true);
    now += 1;
    assert.equal(isOut(), false);
  });

  it("is ejected no longer because of other calls in flight", () => {
    fail(1_000);
    assert.equal(stepsUntilBack(), 1);
  });

  it("is ejected as well when the calls reached their deadlines", () => {
    for (let n = 0; n < 5; n++) balancer.recordOutcome(bad, late, true);
    assert.equal(isOut(), true);
  });

  for (const [what, error, wasSilent] of [
    ["reach their deadlines while others are answered", late, false],
    ["are cancelled", canceled, true],
  ] as const) {
    it(`is not ejected for, nor in spite of, calls that ${what}`, () => {
      for (let n = 0; n < 10; n++) balancer.recordOutcome(bad, error, wasSilent);
      assert.equal(isOut(), false);
      fail(4);
      balancer.recordOutcome(bad, error, wasSilent);
      fail(1);
      assert.equal(isOut(), true);
    });
  }

  it("is ejected longer each time, for 5 min at most", () => {
    const steps = Array.from({ length: 12 }, () => {
      fail(5);
      return stepsUntilBack();
    });
    assert.deepEqual(steps, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]);
  });

  for (const [what, error] of [
    ["has answered", undefined],
    ["has refused", refused],
  ] as const) {
    it(`is counted anew after a call that it ${what} when it is back`, () => {
      fail(5);
      balancer.recordOutcome(bad, error, false);
      assert.equal(stepsUntilBack(), 1);
      fail(5);
      assert.equal(stepsUntilBack(), 2, "what it answers while it is left out does not count");
      balancer.recordOutcome(bad, error, false);
      fail(5);
      assert.equal(stepsUntilBack(), 1);
    });
  }
});

function channelTo(address: string): Channel {
  const options = { limits: defaultConnectionLimits, connectTimeoutMs: 1_000, maxConnections: 1 };
  return new Channel({ tls: () => ({}), address: serverAddressOf(address), ...options });
}
