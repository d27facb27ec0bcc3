import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silentLogger } from "@plaza/kit/telemetry/log";
import { createPicture } from "../testing/picture-host.ts";
import { createPictureCache } from "./picture-cache.ts";
import type { PictureFetcher } from "./picture-fetcher.ts";

const url = (name: string | number) => new URL(`https://a.example/${name}`);
const hourMs = 60 * 60_000;

describe("the cache of pictures", () => {
  let nowMs = 1;
  const counting = (outcome: () => Promise<Buffer>, maxBytes = 1_000_000) => {
    const calls: string[] = [];
    const fetchPicture: PictureFetcher = (asked) => {
      calls.push(asked.href);
      return outcome();
    };
    const options = { fetchPicture, maxBytes, log: silentLogger, now: () => nowMs };
    return { calls, load: createPictureCache(options) };
  };

  it("loads a picture once for all who ask at the same time and during a day", async () => {
    const picture = await createPicture("png");
    const { calls, load } = counting(async () => picture);
    const [one, other] = await Promise.all([load(url("a"), "small"), load(url("a"), "small")]);
    assert.equal(one, other);
    nowMs += 23 * hourMs;
    assert.equal(await load(url("a"), "small"), one);
    assert.equal(calls.length, 1);
    nowMs += 2 * hourMs;
    assert.deepEqual(await load(url("a"), "small"), one);
    assert.equal(calls.length, 2);
  });

  it("keeps sizes apart", async () => {
    const picture = await createPicture("png");
    const { load } = counting(async () => picture);
    const [small, large] = [await load(url("a"), "small"), await load(url("a"), "large")];
    assert.notEqual(small.etag, large.etag);
  });

  it("asks a host that failed again after a minute, and gives no reason away", async () => {
    const { calls, load } = counting(() => Promise.reject(new Error("10.0.0.1 is private")));
    const failure = {
      reason: "PICTURE_UNAVAILABLE",
      message: /^the picture cannot be loaded from its host$/,
    };
    await assert.rejects(load(url("a"), "small"), failure);
    nowMs += 30_000;
    await assert.rejects(load(url("a"), "small"), failure);
    assert.equal(calls.length, 1);
    nowMs += 31_000;
    await assert.rejects(load(url("a"), "small"), failure);
    assert.equal(calls.length, 2);
  });

  it("loads eight pictures at a time, lets 64 wait, and refuses more", async () => {
    const waiting: (() => void)[] = [];
    const { calls, load } = counting(
      () => new Promise((_, reject) => waiting.push(() => reject(new Error("gone")))),
    );
    const loads = Array.from({ length: 72 }, (_, index) => load(url(index), "small"));
    const results = Promise.allSettled(loads);
    await new Promise(setImmediate);
    assert.equal(calls.length, 8);
    await assert.rejects(load(url("one more"), "small"), { reason: "OVERLOADED" });
    while (calls.length < 72 || waiting.length > 0) {
      for (const end of waiting.splice(0)) end();
      await new Promise(setImmediate);
    }
    assert.deepEqual(new Set((await results).map(({ status }) => status)), new Set(["rejected"]));
  });

  it("drops the pictures that were not asked for longest, beyond its bytes", async () => {
    const picture = await createPicture("png");
    const { body } = await counting(async () => picture).load(url("a"), "small");
    const { calls, load } = counting(async () => picture, 3 * (body.length + 40));
    for (const name of ["a", "b", "c", "a", "d", "a", "b"]) await load(url(name), "small");
    assert.deepEqual(
      calls,
      ["a", "b", "c", "d", "b"].map((name) => url(name).href),
    );
  });
});
