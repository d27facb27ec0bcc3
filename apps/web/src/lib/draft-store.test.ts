import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createDraftStore } from "./draft-store.ts";

describe("createDraftStore", () => {
  it("keeps the draft of a window over a reload, until it is cleared", () => {
    const browser = newBrowser();
    browser.window("one").open("ada", "post.new").save({ title: "Cake" });
    const draft = browser.window("one").open("ada", "post.new");
    assert.deepEqual(draft.read(), { title: "Cake" });
    draft.clear();
    assert.equal(browser.window("one").open("ada", "post.new").read(), undefined);
  });

  it("keeps two drafts of two windows", () => {
    const browser = newBrowser();
    browser.window("one").open("ada", "post.new").save({ title: "Cake" });
    const other = browser.window("two").open("ada", "post.new");
    assert.equal(other.read(), undefined);
    other.save({ title: "Pie" });
    assert.deepEqual(browser.window("one").open("ada", "post.new").read(), { title: "Cake" });
    assert.deepEqual(browser.window("two").open("ada", "post.new").read(), { title: "Pie" });
  });

  it("gives the newest draft of a closed window to one other window", () => {
    const browser = newBrowser();
    for (const name of ["older", "newer"]) {
      const closing = browser.window(name);
      closing.open("ada", "post.new").save({ title: name });
      closing.release();
      browser.pass(1);
    }
    const titles = ["one", "two", "three"].map((name) =>
      browser.window(name).open("ada", "post.new").read(),
    );
    assert.deepEqual(titles, [{ title: "newer" }, { title: "older" }, undefined]);
  });

  it("takes over the draft of a window that has crashed, after ten minutes", () => {
    const browser = newBrowser();
    browser.window("one").open("ada", "post.new").save({ title: "Cake" });
    browser.pass(10 * 60_000);
    assert.equal(browser.window("two").open("ada", "post.new").read(), undefined);
    browser.pass(1);
    assert.deepEqual(browser.window("two").open("ada", "post.new").read(), { title: "Cake" });
  });

  it("keeps accounts and places apart, also such whose names begin alike", () => {
    const browser = newBrowser();
    browser.window("one").open("ada", "chat.1").save({ text: "Hello" });
    browser.window("one").release();
    for (const [account, place] of [
      ["bruno", "chat.1"],
      ["ada", "chat.12"],
      ["ada", "chat"],
    ] as const) {
      assert.equal(browser.window("two").open(account, place).read(), undefined);
    }
  });

  it("clears the drafts of an account in all windows, except those of posts", () => {
    const browser = newBrowser();
    for (const place of ["post.new", "chat.1", "profile"]) {
      browser.window("one").open("ada", place).save({ text: place });
      browser.window("one").open("bruno", place).save({ text: place });
    }
    browser.window("two").clear("ada", "post.");
    const kept = (account: string) =>
      ["post.new", "chat.1", "profile"].filter((place) =>
        browser.window("one").open(account, place).read(),
      );
    assert.deepEqual(kept("ada"), ["post.new"]);
    assert.deepEqual(kept("bruno"), ["post.new", "chat.1", "profile"]);
  });

  it("deletes drafts after thirty days", () => {
    const browser = newBrowser();
    browser.window("one").open("ada", "post.new").save({ title: "Cake" });
    browser.pass(30 * 24 * 3_600_000 + 1);
    assert.equal(browser.window("one").open("ada", "post.new").read(), undefined);
    assert.equal(browser.storage.length, 0);
  });

  it("keeps a draft for as long as the page is open when nothing can be stored", () => {
    const full = { ...fakeStorage(), setItem: () => assert.fail("full") };
    for (const storage of [full as Storage, undefined]) {
      const store = createDraftStore(storage, () => "one");
      store.open("ada", "post.new").save({ title: "Cake" });
      assert.deepEqual(store.open("ada", "post.new").read(), { title: "Cake" });
      store.clear("ada", "post.");
      assert.deepEqual(store.open("ada", "post.new").read(), { title: "Cake" });
    }
  });

  it("ignores what is no draft", () => {
    const browser = newBrowser();
    for (const text of ["", "null", "[]", '{"values":{}}', "{"]) {
      browser.storage.setItem("plaza.draft.ada.post.new#one", text);
      assert.equal(browser.window("one").open("ada", "post.new").read(), undefined);
    }
  });
});

function newBrowser() {
  const storage = fakeStorage();
  let now = 0;
  return {
    storage,
    window: (id: string) =>
      createDraftStore(
        storage,
        () => id,
        () => now,
      ),
    pass(ms: number) {
      now += ms;
    },
  };
}

function fakeStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (n) => [...items.keys()][n] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
  };
}
