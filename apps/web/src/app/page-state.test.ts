import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type PageState, parsePageState, stringifyPageState } from "./page-state.ts";

describe("the state of a page", () => {
  it("comes out as it went in, and can end no element on the way", () => {
    const text = '</script><!-- \u2028\u2029 é 上海 \u{1F600} {"$bigint":"1"}';
    const data = { text, price: 2n ** 62n, times: [{ seconds: -1n, nanos: 5 }], none: null };
    const state: PageState = {
      origin: "https://plaza.example",
      isVisitor: true,
      isComplete: true,
      queries: [[["post", "1"], data]],
    };
    const json = stringifyPageState(state);
    assert.equal(/[<\u2028\u2029]/.exec(json), null);
    assert.deepEqual(parsePageState(json), state);
  });
});
