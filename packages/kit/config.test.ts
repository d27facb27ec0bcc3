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
  it("knows what to do without any setting", () => {
    const config = readConfig({});
    assert.equal(config.PLAZA_PORT, 8080);
    assert.equal(config.PLAZA_ENV, "development");
    assert.equal(config.DATABASE_URL, undefined);
    assert.deepEqual(config.addresses, {});
  });

  it("takes an empty variable for one that is not set", () => {
    assert.deepEqual(readConfig({ PLAZA_PORT: "", PLAZA_POSTS_ADDRESS: "" }), readConfig({}));
  });

  it("reads values as what they are", () => {
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

  it("cannot be changed, at any depth", () => {
    const config = readConfig({ PLAZA_POSTS_ADDRESS: "http://posts:8090" });
    for (const part of [config, config.addresses, config.databases, config.addresses["posts"]]) {
      assert.ok(Object.isFrozen(part));
    }
  });

  it("names every problem at once", () => {
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
      "PLAZA_PUBLIC_URL must be an http(s) address",
      "PLAZA_POSTS_ADDRESS must be an http(s) address",
      "PLAZA_SERVICE_KEY must have at least 32 characters",
    ]) {
      assert.ok(message.includes(part), part);
    }
  });

  for (const wrong of ["posts-2:8090", "ftp://posts-2", ""]) {
    it(`names the entry ${JSON.stringify(wrong)} of several addresses that is none`, () => {
      assert.equal(
        problem({ PLAZA_POSTS_ADDRESS: `http://posts-1:8090,${wrong},http://posts-3:8090` }),
        `PLAZA_POSTS_ADDRESS must be an http(s) address, or several with commas between, and not "${wrong}".`,
      );
    });
  }

  it("repeats no secret in what it complains about", () => {
    assert.doesNotMatch(problem({ PLAZA_SERVICE_KEY: "canary" }), /canary/);
  });

  for (const value of ["-1", "1.5", "1e3", " 80", "", "0x50", "99999999999"]) {
    it(`${value === "" ? "ignores" : "refuses"} ${JSON.stringify(value)} as a port`, () => {
      assert.equal(problem({ PLAZA_PORT: value }) === "", value === "");
    });
  }

  it("says of each setting what it is for", () => {
    for (const { about } of [...Object.values(settings), ...Object.values(serviceSettings)]) {
      assert.match(about, /[.…]$/);
    }
  });
});
