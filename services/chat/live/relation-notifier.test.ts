import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PubSub } from "@plaza/kit/pubsub/pubsub";
import { silentLogger } from "@plaza/kit/telemetry/log";
import { testDatabase } from "@plaza/kit/testing/db";
import { Hub } from "./hub.ts";
import { RelationNotifier } from "./relation-notifier.ts";

describe("relations", () => {
  const db = testDatabase(new URL("../migrations/", import.meta.url));

  function startNotifier() {
    const published: string[] = [];
    const pubsub: PubSub = {
      publish: (topic, line) => void published.push(`${topic} ${line}`),
      subscribe: () => () => undefined,
      close: async () => undefined,
    };
    const hub = new Hub({ db: db(), log: silentLogger, pubsub });
    return { published, relations: new RelationNotifier({ db: db(), pubsub }, hub) };
  }

  it("are published after the transaction ends, not before", async () => {
    const { published, relations } = startNotifier();
    const isChanged = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const long = db().begin(async (tx) => {
      await relations.notifyAfterCommit(tx, "ada", "bruno");
      isChanged.resolve();
      await mayEnd.promise;
    });
    await isChanged.promise;
    await db().begin((tx) => relations.notifyAfterCommit(tx, "clara", "dmitri"));
    await relations.flush();
    assert.deepEqual(published, ["relation_changed clara dmitri"]);
    mayEnd.resolve();
    await long;
    await relations.flush();
    await relations.flush();
    assert.deepEqual(published, ["relation_changed clara dmitri", "relation_changed ada bruno"]);
  });

  it("are published once for several changes", async () => {
    const { published, relations } = startNotifier();
    await db().begin(async (tx) => {
      await relations.notifyAfterCommit(tx, "ada", "bruno");
      await relations.notifyAfterCommit(tx, "ada", "bruno");
    });
    await relations.flush();
    assert.deepEqual(published, ["relation_changed ada bruno"]);
  });
});
