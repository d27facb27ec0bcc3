import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  clearPendingMessages,
  openPendingMessageStore,
  type PendingMessage,
} from "./pending-message-store.ts";

describe("an outbox", () => {
  it("is found again as it was left, in the order of writing", () => {
    const storage = newStorage();
    const outbox = openPendingMessageStore("ada", storage);
    for (const n of [2, 3, 1]) outbox.put(newPendingMessage(n));
    outbox.put({ ...newPendingMessage(3), refusal: "No." });
    outbox.remove("key 2");
    const again = openPendingMessageStore("ada", storage).list();
    assert.deepEqual(again, [newPendingMessage(1), { ...newPendingMessage(3), refusal: "No." }]);
    assert.deepEqual(outbox.list(), again);
  });

  it("tells its listeners, and sees what another window has changed once it looks", () => {
    const storage = newStorage();
    const [here, there] = [
      openPendingMessageStore("ada", storage),
      openPendingMessageStore("ada", storage),
    ];
    let told = 0;
    const stop = here.subscribe(() => {
      told += 1;
    });
    here.put(newPendingMessage(1));
    there.put(newPendingMessage(2));
    here.reload();
    assert.deepEqual(here.list(), [newPendingMessage(1), newPendingMessage(2)]);
    assert.equal(told, 2);
    stop();
    here.remove("key 1");
    assert.equal(told, 2);
  });

  it("belongs to one account, and burns without a trace", () => {
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

  it("reads over what is no letter", () => {
    const storage = newStorage();
    storage.setItem("plaza.outbox.ada.1", "{");
    storage.setItem("plaza.outbox.ada.2", JSON.stringify({ key: "2" }));
    assert.deepEqual(openPendingMessageStore("ada", storage).list(), []);
  });

  it("does without storage", () => {
    const full = newStorage();
    full.setItem = () => {
      throw new Error("QuotaExceededError");
    };
    for (const storage of [undefined, full]) {
      const outbox = openPendingMessageStore("ada", storage);
      outbox.put(newPendingMessage(1));
      outbox.put(newPendingMessage(2));
      outbox.remove("key 1");
      outbox.reload();
      assert.deepEqual(outbox.list(), [newPendingMessage(2)]);
    }
  });
});

function newPendingMessage(n: number): PendingMessage {
  const rest = { chatId: "chat", text: `text ${n}`, replyToSeq: 0, afterSeq: 0 };
  return { ...rest, key: `key ${n}`, writtenAt: n };
}

function newStorage(): Storage {
  const slots = new Map<string, string>();
  return {
    get length() {
      return slots.size;
    },
    key: (n) => [...slots.keys()][n] ?? null,
    getItem: (slot) => slots.get(slot) ?? null,
    setItem: (slot, text) => void slots.set(slot, text),
    removeItem: (slot) => void slots.delete(slot),
    clear: () => slots.clear(),
  };
}
