import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { burnLetters, type Letter, openOutbox } from "./pending-message-store.ts";

describe("an outbox", () => {
  it("is found again as it was left, in the order of writing", () => {
    const storage = newStorage();
    const outbox = openOutbox("ada", storage);
    for (const n of [2, 3, 1]) outbox.put(letter(n));
    outbox.put({ ...letter(3), refusal: "No." });
    outbox.remove("key 2");
    const again = openOutbox("ada", storage).letters();
    assert.deepEqual(again, [letter(1), { ...letter(3), refusal: "No." }]);
    assert.deepEqual(outbox.letters(), again);
  });

  it("tells its listeners, and sees what another window has changed once it looks", () => {
    const storage = newStorage();
    const [here, there] = [openOutbox("ada", storage), openOutbox("ada", storage)];
    let told = 0;
    const stop = here.subscribe(() => {
      told += 1;
    });
    here.put(letter(1));
    there.put(letter(2));
    here.reread();
    assert.deepEqual(here.letters(), [letter(1), letter(2)]);
    assert.equal(told, 2);
    stop();
    here.remove("key 1");
    assert.equal(told, 2);
  });

  it("belongs to one account, and burns without a trace", () => {
    const storage = newStorage();
    openOutbox("ada", storage).put(letter(1));
    openOutbox("bruno", storage).put(letter(2));
    storage.setItem("plaza.theme", "dark");
    assert.deepEqual(openOutbox("bruno", storage).letters(), [letter(2)]);
    burnLetters("ada", storage);
    assert.deepEqual(openOutbox("ada", storage).letters(), []);
    assert.deepEqual(openOutbox("bruno", storage).letters(), [letter(2)]);
    burnLetters("bruno", storage);
    assert.equal(storage.length, 1);
  });

  it("reads over what is no letter", () => {
    const storage = newStorage();
    storage.setItem("plaza.outbox.ada.1", "{");
    storage.setItem("plaza.outbox.ada.2", JSON.stringify({ key: "2" }));
    assert.deepEqual(openOutbox("ada", storage).letters(), []);
  });

  it("does without storage", () => {
    const full = newStorage();
    full.setItem = () => {
      throw new Error("QuotaExceededError");
    };
    for (const storage of [undefined, full]) {
      const outbox = openOutbox("ada", storage);
      outbox.put(letter(1));
      outbox.put(letter(2));
      outbox.remove("key 1");
      outbox.reread();
      assert.deepEqual(outbox.letters(), [letter(2)]);
    }
  });
});

function letter(n: number): Letter {
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
