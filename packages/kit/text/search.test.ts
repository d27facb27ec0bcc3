import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { connect, type Pool } from "../db/database.ts";
import { emptyDatabase } from "../testing/db.ts";
import { foldText } from "./fold-text.ts";
import { parseSearchQuery } from "./search-query.ts";
import { searchVector } from "./search-vector.ts";
import { wordsOf } from "./words.ts";

describe("foldText", () => {
  it("makes equal what differs in case, accents or presentation", () => {
    const groups = [
      ["cafe", "Café", "CAFE\u0301", "Ｃａｆé", "ca\u00adfe", "ca\u2060fé"],
      ["strasse", "Straße", "STRASSE", "STRAẞE"],
      ["istanbul", "İstanbul", "ISTANBUL", "ıstanbul"],
      ["fine", "ﬁne", "ＦＩＮＥ"],
      ["οδοσ", "ΟΔΟΣ", "οδός"],
      ["lodz", "Łódź"],
      ["aero", "Ærø"],
      ["елка", "Ёлка"],
      ["שלום", "שָׁלוֹם"],
      ["محمد", "مُحَمَّد", "محـــمد"],
      ["كتابه", "کتابة"],
      ["한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"],
      ["ガ", "ｶﾞ", "カ\u3099"],
    ];
    for (const [folded = "", ...texts] of groups) {
      for (const text of texts) assert.equal(foldText(text), folded, text);
    }
  });

  it("keeps marks that are vowels", () => {
    for (const [one = "", other = ""] of [
      ["की", "का"],
      ["กี", "กา"],
      ["が", "か"],
    ]) {
      assert.notEqual(foldText(one), foldText(other));
    }
  });
});

describe("wordsOf", () => {
  it("parts words at everything but letters, digits and emoji", () => {
    const cases: [string, string[]][] = [
      ["https://example.org/a_b?c=1", ["https", "example", "org", "a", "b", "c", "1"]],
      ["“don’t”—stop…", ["don", "t", "stop"]],
      ["go👍🏽👩‍🚀home🇫🇮", ["go", "👍🏽", "👩‍🚀", "home", "🇫🇮"]],
      ["去上海Plaza", ["去上", "上海", "海", "plaza"]],
      ["ไทย", ["ไท", "ทย", "ย"]],
    ];
    for (const [text, words] of cases) {
      assert.deepEqual(
        wordsOf(text).map((word) => word.text),
        words,
      );
    }
  });

  it("cuts words longer than PostgreSQL's lexemes", () => {
    const [word] = wordsOf("𝒳".repeat(5_000));
    assert.equal(word?.text.length, 64);
  });
});

describe("a search, in PostgreSQL", () => {
  const config = emptyDatabase();
  let db: Pool;
  before(() => {
    db = connect(config());
  });

  async function finds(text: string, query: string): Promise<boolean> {
    const words = parseSearchQuery(query);
    if (!words) return false;
    const [row] = await db<{ found: boolean }[]>`
      select ${searchVector({ A: text })}::tsvector @@ ${words.whole}::tsquery as found`;
    return row?.found ?? false;
  }

  after(() => db.end());

  it("finds words whatever stands beside them, in any form, and by their beginning", async () => {
    const cases: [string, ...string[]][] = [
      ["Un café, s’il vous plaît", "cafe", "CAFÉ", "cafe\u0301", "caf", "plait", "il", "s'il"],
      ["cafe", "café", "ｃａｆｅ"],
      ["我去上海了", "上海", "海", "去上海", "上"],
      ["東京タワーへ", "東京", "タワー", "京タ"],
      ["ผมชอบภาษาไทย", "ภาษา", "ไทย"],
      ["서울대학교에서", "대학교", "서울", "대"],
      ["and/or", "or", "and", "and/or"],
      ["see report_final.v2.pdf", "report_final.v2.pdf", "final", "pdf", "report"],
      ["at https://example.org/shop?x=1", "example.org", "shop", "https://example.org/shop"],
      ["great👍🏽!", "👍", "great", "👍🏽"],
      ["«Ünïcode»—marks…", "unicode", "marks", '"unicode marks"', "“unicode marks”"],
      ["Die STRASSE", "straße"],
      ["İzmir ve Isparta", "izmir", "isparta", "ısparta"],
      ["he said שָׁלוֹם", "שלום"],
      ["one needle", "needle or hay", "hay or needle", "needle -hay", "need -hay"],
      ["a tom’s hayloft", "hay", "loft or hay", "-hay hayloft"],
      ["either or", "or"],
    ];
    for (const [text, ...queries] of cases) {
      for (const query of queries) assert.ok(await finds(text, query), `${query} in ${text}`);
    }
  });

  it("finds nothing else", async () => {
    const cases: [string, ...string[]][] = [
      ["one needle", "edle", '"need"', "needle -one", '"needle one"', "hay", "needles"],
      ["上海", "海上", "上京"],
      ["report final pdf", "report.pdf", "final.report"],
      ["find_a findx", '"find a findx b"', "findx_a", "fin_"],
      ["!!!", "!!!", "-hay", '""', '"', "or !", "—"],
    ];
    for (const [text, ...queries] of cases) {
      for (const query of queries) assert.ok(!(await finds(text, query)), `${query} in ${text}`);
    }
  });

  it("takes any text and any query", async () => {
    const hostile = "'\\ : & | ! <-> ( ) * \"a' b\\\" 'x':*A \u{10ffff} \ufffe";
    assert.ok(await finds(hostile, hostile));
    const long = Array.from({ length: 20_000 }, (_, n) => String.fromCodePoint(0x4e00 + n)).join(
      "",
    );
    assert.ok(await finds(long, long.slice(100, 200)));
  });
});
