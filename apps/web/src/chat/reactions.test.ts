import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type Message, MessageSchema } from "@plaza/contract/chat/v1/messages";
import { hasReacted, toggleReaction } from "./reactions.ts";

describe("toggled", () => {
  it("adds an emoji, joins others at it, and takes it off again", () => {
    const message = create(MessageSchema, {
      reactions: [{ emoji: "👍", userIds: ["bruno"] }],
    });
    const joined = toggleReaction(message, "👍", "ada");
    assert.deepEqual(shown(joined), ["👍 bruno ada"]);
    assert.ok(hasReacted(joined, "👍", "ada"));
    const both = toggleReaction(joined, "🎉", "ada");
    assert.deepEqual(shown(both), ["👍 bruno ada", "🎉 ada"]);
    assert.deepEqual(shown(toggleReaction(both, "🎉", "ada")), ["👍 bruno ada"]);
    assert.deepEqual(shown(toggleReaction(joined, "👍", "ada")), ["👍 bruno"]);
    assert.deepEqual(shown(message), ["👍 bruno"]);
  });
});

function shown({ reactions }: Message): string[] {
  return reactions.map(({ emoji, userIds }) => [emoji, ...userIds].join(" "));
}
