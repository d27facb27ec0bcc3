import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ConnectionConfig, parseConnectionUrl, toConnectionUrl } from "./connection-config.ts";

describe("parseConnectionUrl", () => {
  it("reads what toConnectionUrl writes", () => {
    const configs: ConnectionConfig[] = [
      { host: "db.example", port: 6000, user: "me@x", password: "p:/?#%", database: "plaza" },
      { host: "/tmp/a b", port: 5432, user: "plaza", password: undefined, database: "x-y" },
    ];
    for (const config of configs) {
      assert.deepEqual(parseConnectionUrl(toConnectionUrl(config)), { ...config, ssl: undefined });
    }
  });
});
