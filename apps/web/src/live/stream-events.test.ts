import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Chat_Kind, ChatSchema } from "@plaza/contract/chat/v1/chats";
import {
  type EntrySchema,
  Signal_Type,
  SubscribeResponseSchema,
  Entry_Type as Type,
} from "@plaza/contract/chat/v1/stream";
import { RelationSchema, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { QueryClient, type QueryKey } from "@tanstack/react-query";
import { updateCachedChat } from "../chat/chat-cache.ts";
import { createLog, messagesOf } from "../chat/chat-log.ts";
import { chatQuery, chatsQuery, logQuery } from "../chat/chat-queries.ts";
import { onlineQuery, typingQuery } from "../chat/presence.ts";
import {
  advanceStreamPosition,
  clearStreamPositions,
  listStreamPositions,
} from "../chat/stream-positions.ts";
import {
  friendsQuery,
  incomingRequestCountQuery,
  relationQuery,
} from "../people/relation-queries.ts";
import { applyStreamEvent, prepareStreamPositions } from "./stream-events.ts";

const me = "ada";
const chatId = "choir";

describe("applyStreamEvent", () => {
  let client = new QueryClient();
  beforeEach(() => {
    clearStreamPositions();
    client = new QueryClient();
    const chat = create(ChatSchema, { id: chatId, lastSeq: 3, memberCount: 2 });
    client.setQueryData(chatsQuery.queryKey, [chat]);
    client.setQueryData(logQuery(chatId).queryKey, createLog(3, { items: [], olderPageToken: "" }));
    advanceStreamPosition(chatId, 3);
  });

  const applyEntry = (entry: MessageInitShape<typeof EntrySchema>) =>
    applyStreamEvent(
      client,
      me,
      create(SubscribeResponseSchema, { event: { case: "entry", value: { chatId, ...entry } } }),
    );
  const applySignal = (type: Signal_Type, userId: string) => {
    const value = { chatId, userId, type };
    applyStreamEvent(
      client,
      me,
      create(SubscribeResponseSchema, { event: { case: "signal", value } }),
    );
  };
  const listed = () => client.getQueryData(chatsQuery.queryKey) ?? [];
  const log = () => client.getQueryData(logQuery(chatId).queryKey);

  it("applies an entry once, to the list and to the log", () => {
    for (const seq of [4, 5, 4, 5]) applyEntry(postedEntry(seq));
    assert.deepEqual(
      listed().map(({ lastSeq, unreadCount }) => [lastSeq, unreadCount]),
      [[5, 2]],
    );
    assert.deepEqual(
      messagesOf(log() ?? createLog(0, { items: [], olderPageToken: "" })).map(({ seq }) => seq),
      [4, 5],
    );
    assert.deepEqual(listStreamPositions(), [`${chatId}:5`]);
  });

  it("reads the chat and the log again when entries are missing", () => {
    let reads = 0;
    client.getQueryCache().subscribe(({ query }) => {
      if (query.state.fetchStatus === "fetching") reads += 1;
    });
    applyEntry(postedEntry(6));
    assert.equal(client.getQueryState(logQuery(chatId).queryKey)?.isInvalidated, true);
    assert.ok(reads > 0, "the chat is fetched");
    assert.equal(listed()[0]?.lastSeq, 3, "the list stays as it was until then");
  });

  it("resumes where the last stream ended, although the list was read meanwhile", () => {
    updateCachedChat(client, chatId, (chat) => ({ ...chat, lastSeq: 5 }));
    assert.deepEqual(prepareStreamPositions(client, listed()), [`${chatId}:3`]);
    assert.equal(client.getQueryState(logQuery(chatId).queryKey)?.isInvalidated, false);
    for (const seq of [4, 5]) applyEntry(postedEntry(seq));
    assert.deepEqual(
      messagesOf(log() ?? createLog(0, { items: [], olderPageToken: "" })).map(({ seq }) => seq),
      [4, 5],
    );
    assert.equal(listed()[0]?.lastSeq, 5);
  });

  it("invalidates a log that ends before the stream starts", () => {
    clearStreamPositions();
    updateCachedChat(client, chatId, (chat) => ({ ...chat, lastSeq: 5 }));
    assert.deepEqual(prepareStreamPositions(client, listed()), [`${chatId}:5`]);
    assert.equal(client.getQueryState(logQuery(chatId).queryKey)?.isInvalidated, true);
  });

  it("removes the chat from the list, and its position, when the member is removed", () => {
    applyEntry({ seq: 4, type: Type.MEMBER_REMOVED, userId: "bruno", memberIds: [me] });
    assert.deepEqual(listed(), []);
    assert.deepEqual(listStreamPositions(), []);
    assert.equal(log()?.seq, 4);
  });

  it("ends typing with the message, and tracks who is online", () => {
    const typing = () => [...(client.getQueryData(typingQuery(chatId).queryKey)?.keys() ?? [])];
    const online = () => [...(client.getQueryData(onlineQuery.queryKey)?.keys() ?? [])];
    applySignal(Signal_Type.TYPING, "bruno");
    applySignal(Signal_Type.TYPING, me);
    assert.deepEqual(typing(), ["bruno"]);
    applyEntry(postedEntry(4));
    assert.deepEqual(typing(), []);
    applySignal(Signal_Type.ONLINE, "bruno");
    assert.deepEqual(online(), ["bruno"]);
    applySignal(Signal_Type.OFFLINE, "bruno");
    assert.deepEqual(online(), []);
  });

  it("invalidates the relation, its lists and the direct chat when a relation changes, and nothing else", () => {
    const direct = (id: string) =>
      create(ChatSchema, { id, kind: Chat_Kind.DIRECT, members: [{ userId: id }] });
    client.setQueryData(chatsQuery.queryKey, ["bruno", "clara"].map(direct));
    for (const id of ["bruno", "clara"]) {
      client.setQueryData(chatQuery(id).queryKey, direct(id));
      client.setQueryData(relationQuery(id).queryKey, create(RelationSchema, { userId: id }));
    }
    const lists = [friendsQuery(State.INCOMING), incomingRequestCountQuery].map(
      ({ queryKey }) => queryKey,
    );
    for (const key of lists) client.setQueryData<unknown>(key, 1);
    const value = { userId: "bruno" };
    applyStreamEvent(
      client,
      me,
      create(SubscribeResponseSchema, { event: { case: "relationChanged", value } }),
    );

    const isStale = (key: QueryKey) => client.getQueryState(key)?.isInvalidated;
    const about = (id: string) => [chatQuery(id).queryKey, relationQuery(id).queryKey];
    assert.deepEqual([...lists, ...about("bruno")].map(isStale), [true, true, true, true]);
    assert.deepEqual([chatsQuery.queryKey, ...about("clara")].map(isStale), [false, false, false]);
  });
});

function postedEntry(seq: number) {
  const message = { chatId, seq, number: seq, senderId: "bruno", text: `said ${seq}` };
  return { seq, type: Type.POSTED, userId: "bruno", messageSeq: seq, message };
}
