import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { type Client, createClient } from "@connectrpc/connect";
import {
  AccountClosedSchema,
  RolesChangedSchema,
  SessionsEndedSchema,
} from "@plaza/contract/auth/v1/events";
import { EventService } from "@plaza/contract/kit/v1/events";
import { kitMigrations } from "../db/migrate.ts";
import { eventService } from "../events/event-log.ts";
import { publish } from "../events/outbox.ts";
import { Revocations } from "../identity/revocations.ts";
import { createLocalTransport } from "../rpc/local-transport.ts";
import { silentLogger } from "../telemetry/log.ts";
import { testDatabase } from "../testing/db.ts";
import { consumeRevocations } from "./revocation-consumer.ts";

describe("consumeRevocations", () => {
  const db = testDatabase(kitMigrations);
  const stopping = new AbortController();
  const consumers: Promise<void>[] = [];
  after(async () => {
    stopping.abort();
    await Promise.all(consumers);
  });

  const account = (sessionId: string, id = "a1") => ({ id, sessionId, roles: ["member", "admin"] });
  const endSession = (id: string) =>
    db().begin((tx) => publish(tx, SessionsEndedSchema, { sessionIds: [id] }, "a1"));

  function authLog(): Client<typeof EventService> {
    const implementation = eventService(new Map([["auth", db()]]), stopping.signal);
    const hosted = [{ contract: EventService, implementation: implementation as never }];
    return createClient(EventService, createLocalTransport(hosted));
  }

  function start(events = authLog()): Revocations {
    const revocations = new Revocations();
    consumers.push(consumeRevocations(revocations, events, silentLogger, stopping.signal));
    return revocations;
  }

  /** Resolves when something of the account was taken back. */
  const whenChanged = (revocations: Revocations, of: ReturnType<typeof account>) =>
    new Promise<void>((resolve) => revocations.watch(of, resolve));

  it("knows what ended before the process started, within the life of a token", async () => {
    await endSession("long ago");
    await db()`update event set announce_time = now() - interval '1 hour'`;
    await endSession("lately");
    const revocations = start();
    await assert.rejects(async () => revocations.check(account("lately")), {
      reason: "INVALID_SESSION",
    });
    assert.ok(await revocations.check(account("another")));
  });

  it("learns of each ended session, closed account and lost role", async () => {
    const revocations = start();
    await revocations.check(account("s1"));
    const [ended, closed, limited] = [
      account("s1", "a1"),
      account("s2", "a2"),
      account("s3", "a3"),
    ];
    const changes = [ended, closed, limited].map((one) => whenChanged(revocations, one));
    await endSession("s1");
    await db().begin((tx) => publish(tx, AccountClosedSchema, { accountId: "a2" }, "a2"));
    const roles = { accountId: "a3", roles: ["member"] };
    await db().begin((tx) => publish(tx, RolesChangedSchema, roles, "a3"));
    await Promise.all(changes);
    for (const refused of [ended, closed]) {
      assert.throws(() => revocations.check(refused), { reason: "INVALID_SESSION" });
    }
    assert.deepEqual(revocations.check(limited), { ...limited, roles: ["member"] });
  });

  it("refuses while it has read nothing yet and auth is away, and catches up", async () => {
    const log = authLog();
    let isAway = true;
    const revocations = start({
      readEvents: (request, options) =>
        isAway ? Promise.reject(new Error("away")) : log.readEvents(request, options),
    });
    await endSession("meanwhile");
    await assert.rejects(async () => revocations.check(account("s4")), {
      reason: "SESSION_UNKNOWN",
    });
    isAway = false;
    while (!Number.isFinite(revocations.ageMs)) {
      await Promise.resolve(revocations.check(account("s4"))).catch(() => undefined);
    }
    assert.throws(() => revocations.check(account("meanwhile")), { reason: "INVALID_SESSION" });
  });
});
