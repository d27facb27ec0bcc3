import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { changedFields, findConflicts } from "./conflicts.ts";

const labels = { title: "Title", body: "Text" };
const base = { title: "Cake", body: "plums", stock: "3" };

describe("changedFields", () => {
  it("names the fields that differ and have a label", () => {
    assert.deepEqual(changedFields(base, { ...base, body: "pears", stock: "4" }, labels), ["body"]);
    assert.deepEqual(changedFields(base, { ...base }, labels), []);
  });
});

describe("findConflicts", () => {
  const find = (mine: Partial<typeof base>, theirs: Partial<typeof base>) =>
    findConflicts(base, { ...base, ...mine }, { ...base, ...theirs }, labels);

  it("has both texts of a field that both have changed", () => {
    assert.deepEqual(find({ title: "Pie" }, { title: "Tart" }), [
      { field: "title", label: "Title", theirs: "Tart", mine: "Pie" },
    ]);
  });

  it("has their text alone of a field that only they have changed", () => {
    assert.deepEqual(find({ title: "Pie" }, { body: "pears" }), [
      { field: "body", label: "Text", theirs: "pears", mine: undefined },
    ]);
  });

  it("leaves out what both have changed alike, and what has no label", () => {
    assert.deepEqual(find({ title: "Pie" }, { title: "Pie", stock: "4" }), []);
  });
});
