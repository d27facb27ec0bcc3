import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readConfig, serviceSettings, settings } from "./config.ts";
import { OperatorError } from "./errors/operator-error.ts";

function problem(env: Record<string, string>): string {
  try {
    readConfig(env);
    return "";
  } catch (error) {
    assert.ok(error instanceof OperatorError);
    return error.message;
  }
}

describe("readConfig", () => {
  it("has a default for every setting", () => {
    const config = readConfig({});
    assert.equal(config.PLAZA_PORT, 8080);
    assert.equal(config.PLAZA_ENV, "development");
    assert.equal(config.DATABASE_URL, undefined);
    assert.deepEqual(config.addresses, {});
  });

  it("treats an empty variable as unset", () => {
    assert.deepEqual(readConfig({ PLAZA_PORT: "", PLAZA_POSTS_ADDRESS: "" }), readConfig({}));
  });

  it("parses values", () => {
    const config = readConfig({
      PLAZA_PORT: "0",
      PLAZA_ENV: "production",
      PLAZA_TRUST_PROXY: "2",
      PLAZA_PUBLIC_URL: "https://plaza.example/",
    });
    assert.equal(config.PLAZA_PORT, 0);
    assert.equal(config.PLAZA_ENV, "production");
    assert.equal(config.PLAZA_TRUST_PROXY, 2);
    assert.equal(config.PLAZA_PUBLIC_URL, "https://plaza.example");
  });

  it("reads the settings of each service", () => {
    const config = readConfig({
      PLAZA_POSTS_ADDRESS: "http://posts:8090",
      PLAZA_USERS_ADDRESS: "http://users-1:8090/, http://users-2:8090",
      PLAZA_USERS_DATABASE_URL: "postgres://db/users",
      PLAZA_DATABASE_URL: "not a service's",
      OTHER_POSTS_ADDRESS: "not ours",
    });
    assert.deepEqual(config.addresses, {
      posts: ["http://posts:8090"],
      users: ["http://users-1:8090", "http://users-2:8090"],
    });
    assert.deepEqual(config.databases, { users: "postgres://db/users" });
  });

  it("is deeply frozen", () => {
    const config = readConfig({ PLAZA_POSTS_ADDRESS: "http://posts:8090" });
    for (const part of [config, config.addresses, config.databases, config.addresses["posts"]]) {
      assert.ok(Object.isFrozen(part));
    }
  });

  it("reports all invalid values at once", () => {
    const message = problem({
      PLAZA_PORT: "80a",
      PLAZA_GRPC_PORT: "65536",
      PLAZA_ENV: "prod",
      PLAZA_PUBLIC_URL: "plaza.example",
      PLAZA_POSTS_ADDRESS: "posts:8090",
      PLAZA_SERVICE_KEY: "short",
    });
    for (const part of [
      "PLAZA_PORT must be a whole number",
      "PLAZA_GRPC_PORT must be a port",
      "PLAZA_ENV must be one of development, production",
      "PLAZA_PUBLIC_URL must be an http:// or https:// URL",
      "PLAZA_POSTS_ADDRESS must be an http:// or https:// URL",
      "PLAZA_SERVICE_KEY must be at least 32 characters long",
    ]) {
      assert.ok(message.includes(part), part);
    }
  });

  for (const wrong of ["posts-2:8090", "ftp://posts-2", ""]) {
    it(`names the entry ${JSON.stringify(wrong)} of several addresses as invalid`, () => {
      assert.equal(
        problem({ PLAZA_POSTS_ADDRESS: `http://posts-1:8090,${wrong},http://posts-3:8090` }),
        `PLAZA_POSTS_ADDRESS must be an http:// or https:// URL, or several separated by commas, not "${wrong}".`,
      );
    });
  }

  it("quotes no secret in errors", () => {
    assert.doesNotMatch(problem({ PLAZA_SERVICE_KEY: "canary" }), /canary/);
  });

  for (const value of ["-1", "1.5", "1e3", " 80", "", "0x50", "99999999999"]) {
    it(`${value === "" ? "ignores" : "refuses"} ${JSON.stringify(value)} as a port`, () => {
      assert.equal(problem({ PLAZA_PORT: value }) === "", value === "");
    });
  }

  it("documents every setting", () => {
    for (const { about } of [...Object.values(settings), ...Object.values(serviceSettings)]) {
      assert.match(about, /[.…]$/);
    }
  });
});
