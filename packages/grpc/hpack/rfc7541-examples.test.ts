import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HpackDecoder } from "./decoder.ts";
import type { DynamicTable } from "./dynamic-table.ts";
import type { HeaderFields } from "./header-fields.ts";

interface Example {
  readonly hex: string;
  readonly fields: HeaderFields;
  /** The dynamic table after the block, newest first, and its size. */
  readonly table: readonly (readonly [name: string, value: string])[];
  readonly size: number;
}

const authority = [":authority", "www.example.com"] as const;
const noCache = ["cache-control", "no-cache"] as const;
const custom = ["custom-key", "custom-value"] as const;
const isPrivate = ["cache-control", "private"] as const;
const date21 = ["date", "Mon, 21 Oct 2013 20:13:21 GMT"] as const;
const date22 = ["date", "Mon, 21 Oct 2013 20:13:22 GMT"] as const;
const location = ["location", "https://www.example.com"] as const;
const gzip = ["content-encoding", "gzip"] as const;
const cookie = ["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"] as const;

const single: readonly (Example & { readonly name: string })[] = [
  {
    name: "C.2.1 literal with indexing",
    hex: "400a637573746f6d2d6b65790d637573746f6d2d686561646572",
    fields: ["custom-key", "custom-header"],
    table: [["custom-key", "custom-header"]],
    size: 55,
  },
  {
    name: "C.2.2 literal without indexing",
    hex: "040c2f73616d706c652f70617468",
    fields: [":path", "/sample/path"],
    table: [],
    size: 0,
  },
  {
    name: "C.2.3 literal never indexed",
    hex: "100870617373776f726406736563726574",
    fields: ["password", "secret"],
    table: [],
    size: 0,
  },
  {
    name: "C.2.4 indexed",
    hex: "82",
    fields: [":method", "GET"],
    table: [],
    size: 0,
  },
];

function requests(hexes: readonly string[]): Example[] {
  const get = [":method", "GET", ":scheme"];
  const rest = [
    { fields: [...get, "http", ":path", "/", ...authority], table: [authority], size: 57 },
    {
      fields: [...get, "http", ":path", "/", ...authority, ...noCache],
      table: [noCache, authority],
      size: 110,
    },
    {
      fields: [...get, "https", ":path", "/index.html", ...authority, ...custom],
      table: [custom, noCache, authority],
      size: 164,
    },
  ];
  return rest.map((example, i) => ({ ...example, hex: hexes[i] ?? "" }));
}

function responses(hexes: readonly string[]): Example[] {
  const found = [":status", "302"] as const;
  const redirect = [":status", "307"] as const;
  const rest = [
    {
      fields: [...found, ...isPrivate, ...date21, ...location],
      table: [location, date21, isPrivate, found],
      size: 222,
    },
    {
      fields: [...redirect, ...isPrivate, ...date21, ...location],
      table: [redirect, location, date21, isPrivate],
      size: 222,
    },
    {
      fields: [":status", "200", ...isPrivate, ...date22, ...location, ...gzip, ...cookie],
      table: [cookie, gzip, date22],
      size: 215,
    },
  ];
  return rest.map((example, i) => ({ ...example, hex: hexes[i] ?? "" }));
}

const plainRequests = requests([
  "828684410f7777772e6578616d706c652e636f6d",
  "828684be58086e6f2d6361636865",
  "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
]);
const huffmanRequests = requests([
  "828684418cf1e3c2e5f23a6ba0ab90f4ff",
  "828684be5886a8eb10649cbf",
  "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
]);
const plainResponses = responses([
  "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e17" +
    "68747470733a2f2f7777772e6578616d706c652e636f6d",
  "4803333037c1c0bf",
  "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d41" +
    "53444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b207665727369" +
    "6f6e3d31",
]);
const huffmanResponses = responses([
  "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97" +
    "c8e9ae82ae43d3",
  "4883640effc1c0bf",
  "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd" +
    "5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
]);

function entries(table: DynamicTable): [name: string | undefined, value: string | undefined][] {
  return Array.from({ length: table.length }, (_, i) => [table.name(i), table.value(i)]);
}

function check(decoder: HpackDecoder, example: Example): void {
  assert.deepEqual(decoder.decode(Buffer.from(example.hex, "hex")), example.fields);
  assert.deepEqual(
    entries(decoder.table),
    example.table.map((entry) => [...entry]),
  );
  assert.equal(decoder.table.size, example.size);
}

describe("HpackDecoder, the examples of RFC 7541, appendix C", () => {
  for (const example of single) {
    it(example.name, () => {
      check(new HpackDecoder({ maxTableSize: 4096, maxListSize: 16_384 }), example);
    });
  }

  const sequences: [name: string, maxTableSize: number, examples: Example[]][] = [
    ["C.3 requests without Huffman code", 4096, plainRequests],
    ["C.4 requests with Huffman code", 4096, huffmanRequests],
    ["C.5 responses without Huffman code, with eviction", 256, plainResponses],
    ["C.6 responses with Huffman code, with eviction", 256, huffmanResponses],
  ];
  for (const [name, maxTableSize, examples] of sequences) {
    it(name, () => {
      const decoder = new HpackDecoder({ maxTableSize, maxListSize: 16_384 });
      for (const example of examples) check(decoder, example);
    });
  }
});
