import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testChat } from "./testing/test-chat.ts";

describe("the demo accounts", () => {
  const plaza = testChat();

  it("get their chats once, as far as the accounts exist", async () => {
    await plaza.host().seed();
    const [ada, bruno] = [plaza.newUser("ada"), plaza.newUser("bruno")];
    await Promise.all([plaza.host().seed(), plaza.host().seed()]);
    await plaza.host().seed();
    const { chats } = await ada.chats.listChats({});
    assert.deepEqual(chats.map(({ title, messageCount }) => [title, messageCount]).sort(), [
      ["", 4],
      ["Garden club", 2],
    ]);
    assert.ok(chats.every(({ memberCount }) => memberCount === 2));
    for (const { id: chatId, lastSeq, messageCount } of chats) {
      assert.equal(lastSeq, messageCount + 1);
      const { messages } = await bruno.chats.listMessages({ chatId });
      const times = messages.map(({ createTime }) => Number(createTime?.seconds));
      assert.deepEqual(
        times,
        times.toSorted((a, b) => b - a),
      );
      assert.equal(new Set(times).size, times.length);
    }
  });
});
