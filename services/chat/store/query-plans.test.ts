import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Db, Tx } from "@plaza/kit/db/database";
import { testDatabase } from "@plaza/kit/testing/db";
import { countRowsRead } from "@plaza/kit/testing/query-plan";
import { parseSearchQuery, type SearchQuery } from "@plaza/kit/text/search-query";
import { listChatViews } from "./chat-views.ts";
import { currentSnapshot, findAdvanced, listEntries, readEntries } from "./entries.ts";
import * as members from "./memberships.ts";
import * as messages from "./messages.ts";
import { searchMessages } from "./search-messages.ts";

const migrations = new URL("../migrations/", import.meta.url);

/** The n-th of something. */
const idOf = (n: number) => `01990000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;

describe("100,000 messages in 1,000 chats", () => {
  const pool = testDatabase(migrations);
  const [chatId, userId] = [idOf(7), idOf(7)];
  const between = { after: 0, before: 90, withoutMessages: false };
  let seen = "";
  before(async () => {
    await fill(pool());
    seen = await currentSnapshot(pool());
  });

  const reads: Record<string, { table: string; fetched: number; read(db: Db): Promise<unknown> }> =
    {
      "a page of messages reads those of the page": {
        table: "message",
        fetched: 21,
        read: (db) => messages.listMessages(db, { chatId, userId }, 50, 21),
      },
      "the newest messages of some chats are read and no others": {
        table: "message",
        fetched: 3,
        read: (db) =>
          messages.findLatestMessages(
            db,
            [7, 8, 9].map((n) => ({ chatId: idOf(n), fromSeq: 1 })),
          ),
      },
      "what came behind a position is read and nothing else": {
        table: "entry",
        fetched: 12,
        read: (db) =>
          readEntries(
            db,
            [
              { chatId, after: 90, until: null },
              { chatId: idOf(8), after: 10, until: 12 },
            ],
            200,
            500,
          ),
      },
      "a page of entries reads those of the page": {
        table: "entry",
        fetched: 21,
        read: (db) => listEntries(db, { chatId, userId }, between, 21),
      },
      "what is about no message is found without reading what is": {
        table: "entry",
        fetched: 1,
        read: (db) =>
          listEntries(db, { chatId, userId }, { ...between, withoutMessages: true }, 21),
      },
      "where somebody stands takes one row for each": {
        table: "membership",
        fetched: 2,
        read: (db) =>
          members.findActiveMemberships(db, [
            { chatId, userId },
            { chatId: idOf(8), userId: idOf(8) },
          ]),
      },
      "a page of chats reads the caller's own, and no others": {
        table: "membership",
        fetched: 10,
        read: (db) => listChatViews(db, userId, undefined, 4),
      },
      "who is in a chat takes one row for each": {
        table: "membership",
        fetched: 10,
        read: (db) => members.listMembers(db, [chatId]),
      },
      "nothing new is found without reading anything": {
        table: "entry",
        fetched: 0,
        read: (db) => findAdvanced(db, seen),
      },
    };
  for (const [name, { table, fetched, read }] of Object.entries(reads)) {
    it(name, async () => {
      assert.deepEqual(await countRowsRead(pool(), table, read), { scanned: 0, fetched });
    });
  }

  it("a search reads a sample, and the messages with a rare word in the searcher's chats", async () => {
    const search = (words: string) => (tx: Tx) => {
      const query = parseSearchQuery(words) as SearchQuery;
      return searchMessages(tx, { userId, chatId: undefined, query }, { limit: 4 });
    };
    assert.equal((await pool().begin(search("needle"))).length, 4);
    const sampled = 10 * 50;
    assert.deepEqual(await countRowsRead(pool(), "message", search("needle")), {
      scanned: 0,
      fetched: sampled + 10 + 4,
    });
    assert.deepEqual(await countRowsRead(pool(), "message", search("no")), {
      scanned: 0,
      fetched: sampled,
    });
  });

  it("a search reads each of the searcher's chats from its end for a frequent word", async () => {
    const query = parseSearchQuery("hay") as SearchQuery;
    const search = (tx: Tx) =>
      searchMessages(tx, { userId, chatId: undefined, query }, { limit: 4 });
    assert.equal((await pool().begin(search)).length, 4);
    assert.deepEqual(await countRowsRead(pool(), "message", search), {
      scanned: 0,
      fetched: 10 * 50 + 10 * 4 + 4,
    });
  });

  it("unread counts read the deleted messages after the cursor in the chats of the page, and no others", async () => {
    const read = (db: Db) => listChatViews(db, userId, undefined, 4);
    assert.deepEqual(
      (await read(pool())).map(({ unreadCount }) => unreadCount),
      [99, 99, 99, 99],
    );
    const { scanned, fetched } = await countRowsRead(pool(), "message", read);
    // None when a vacuum has marked their pages: the index has all that it takes.
    assert.ok(scanned === 0 && fetched <= 4, `${scanned} scanned, ${fetched} fetched`);
  });

  it("only entries since a snapshot are read", async () => {
    await pool()`
      insert into entry (chat_id, seq, type, member_ids, create_time)
      values (${chatId}, 101, 'title_changed', '{}', now())`;
    const { advances } = await findAdvanced(pool(), seen);
    assert.deepEqual(advances, [{ chatId, lastSeq: 101, added: [] }]);
    const read = (db: Db) => findAdvanced(db, seen);
    assert.deepEqual(await countRowsRead(pool(), "entry", read), { scanned: 0, fetched: 1 });
  });
});

/** Each chat has 10 of 1,000 users and 100 messages, one of them with the word "needle"; the first entry has no message. */
async function fill(db: Db): Promise<void> {
  const id = (n: string) => `('01990000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
  await db.unsafe(`
    insert into chat (id, kind, title, last_seq, message_count, member_count, create_time, active_time)
    select ${id("n")}, 'group', '', 100, 100, 10, now(), now() - n * interval '1 minute'
    from generate_series(0, 999) as n`);
  await db.unsafe(`
    insert into membership (chat_id, user_id, from_seq, role, read_number)
    select ${id("n")}, ${id("(n + m * 100) % 1000")}, 1, 'member', 0
    from generate_series(0, 999) as n, generate_series(0, 9) as m`);
  await db.unsafe(`
    insert into message (chat_id, seq, changed_seq, number, sender_id, text, reply_to_seq,
      idempotency_key, request_digest, create_time, delete_time, search)
    select ${id("n")}, s, s, s, ${id("n")}, case s when 50 then 'a needle' else 'some hay' end, 0,
      s::text, '', now() + s * interval '1 second', case s when 60 then now() end,
      (case s when 50 then '''a'' ''needle''' else '''some'' ''hay''' end)::tsvector
    from generate_series(0, 999) as n, generate_series(1, 100) as s`);
  await db.unsafe(`
    insert into entry (chat_id, seq, type, user_id, message_seq, member_ids, create_time)
    select chat_id, seq, 'posted', sender_id, nullif(seq, 1), '{}', create_time from message`);
  await db.unsafe("analyze chat, membership, message, entry, block");
}
