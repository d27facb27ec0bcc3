import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type Message, MessageSchema } from "@plaza/contract/chat/v1/messages";
import { hasReacted, toggleReaction } from "./reactions.ts";

describe("toggleReaction", () => {
  it("adds an emoji, joins the users of one, and removes the user again", () => {
    const message = create(MessageSchema, {
      reactions: [{ emoji: "👍", userIds: ["bruno"] }],
    });
    const joined = toggleReaction(message, "👍", "ada");
    assert.deepEqual(format(joined), ["👍 bruno ada"]);
    assert.ok(hasReacted(joined, "👍", "ada"));
    const both = toggleReaction(joined, "🎉", "ada");
    assert.deepEqual(format(both), ["👍 bruno ada", "🎉 ada"]);
    assert.deepEqual(format(toggleReaction(both, "🎉", "ada")), ["👍 bruno ada"]);
    assert.deepEqual(format(toggleReaction(joined, "👍", "ada")), ["👍 bruno"]);
    assert.deepEqual(format(message), ["👍 bruno"]);
  });
});

function format({ reactions }: Message): string[] {
  return reactions.map(({ emoji, userIds }) => [emoji, ...userIds].join(" "));
}
