import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  clearPendingMessages,
  openPendingMessageStore,
  type PendingMessage,
} from "./pending-message-store.ts";

describe("PendingMessageStore", () => {
  it("reads back what was stored, in the order of writing", () => {
    const storage = newStorage();
    const store = openPendingMessageStore("ada", storage);
    for (const n of [2, 3, 1]) store.put(newPendingMessage(n));
    store.put({ ...newPendingMessage(3), refusal: "No." });
    store.remove("key 2");
    const reopened = openPendingMessageStore("ada", storage).list();
    assert.deepEqual(reopened, [newPendingMessage(1), { ...newPendingMessage(3), refusal: "No." }]);
    assert.deepEqual(store.list(), reopened);
  });

  it("notifies its listeners, and reads changes of another window on reload", () => {
    const storage = newStorage();
    const [first, second] = [
      openPendingMessageStore("ada", storage),
      openPendingMessageStore("ada", storage),
    ];
    let notifications = 0;
    const stop = first.subscribe(() => {
      notifications += 1;
    });
    first.put(newPendingMessage(1));
    second.put(newPendingMessage(2));
    first.reload();
    assert.deepEqual(first.list(), [newPendingMessage(1), newPendingMessage(2)]);
    assert.equal(notifications, 2);
    stop();
    first.remove("key 1");
    assert.equal(notifications, 2);
  });

  it("belongs to one account, and clearing deletes that account's messages only", () => {
    const storage = newStorage();
    openPendingMessageStore("ada", storage).put(newPendingMessage(1));
    openPendingMessageStore("bruno", storage).put(newPendingMessage(2));
    storage.setItem("plaza.theme", "dark");
    assert.deepEqual(openPendingMessageStore("bruno", storage).list(), [newPendingMessage(2)]);
    clearPendingMessages("ada", storage);
    assert.deepEqual(openPendingMessageStore("ada", storage).list(), []);
    assert.deepEqual(openPendingMessageStore("bruno", storage).list(), [newPendingMessage(2)]);
    clearPendingMessages("bruno", storage);
    assert.equal(storage.length, 1);
  });

  it("ignores malformed entries", () => {
    const storage = newStorage();
    storage.setItem("plaza.store.ada.1", "{");
    storage.setItem("plaza.store.ada.2", JSON.stringify({ key: "2" }));
    assert.deepEqual(openPendingMessageStore("ada", storage).list(), []);
  });

  it("keeps messages in memory when storage is missing or full", () => {
    const full = newStorage();
    full.setItem = () => {
      throw new Error("QuotaExceededError");
    };
    for (const storage of [undefined, full]) {
      const store = openPendingMessageStore("ada", storage);
      store.put(newPendingMessage(1));
      store.put(newPendingMessage(2));
      store.remove("key 1");
      store.reload();
      assert.deepEqual(store.list(), [newPendingMessage(2)]);
    }
  });
});

function newPendingMessage(n: number): PendingMessage {
  const rest = { chatId: "chat", text: `text ${n}`, replyToSeq: 0, afterSeq: 0 };
  return { ...rest, key: `key ${n}`, writtenAt: n };
}

function newStorage(): Storage {
  const entries = new Map<string, string>();
  return {
    get length() {
      return entries.size;
    },
    key: (n) => [...entries.keys()][n] ?? null,
    getItem: (storageKey) => entries.get(storageKey) ?? null,
    setItem: (storageKey, text) => void entries.set(storageKey, text),
    removeItem: (storageKey) => void entries.delete(storageKey),
    clear: () => entries.clear(),
  };
}
