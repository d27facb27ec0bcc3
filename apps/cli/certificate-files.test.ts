import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import { issueCertificates } from "./certificate-files.ts";

describe("issueCertificates", () => {
  let folder: string;
  const read = (name: string) => readFileSync(path.join(folder, name), "utf8");
  const certificate = (name: string) => new X509Certificate(read(name));

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "plaza-certs-"));
    await issueCertificates(folder, ["posts"], ["posts.example.org"]);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("renews with the same authority, for previous and new hosts", async () => {
    const [authority, before] = [read("ca.crt"), certificate("posts.crt")];
    await issueCertificates(folder, ["posts"], ["10.0.0.7"]);
    const renewed = certificate("posts.crt");
    assert.equal(read("ca.crt"), authority);
    assert.notEqual(renewed.serialNumber, before.serialNumber);
    assert.ok(renewed.verify(new X509Certificate(authority).publicKey));
    assert.ok(renewed.checkPrivateKey(createPrivateKey(read("posts.key"))));
    for (const host of ["posts.example.org", "localhost"]) assert.ok(renewed.checkHost(host));
    for (const address of ["10.0.0.7", "127.0.0.1"]) assert.ok(renewed.checkIP(address));
  });

  it("makes keys readable for their owner only", async () => {
    await issueCertificates(folder, ["posts"]);
    for (const key of ["ca.key", "posts.key"]) {
      assert.equal(statSync(path.join(folder, key)).mode & 0o777, 0o600);
    }
  });

  it("replaces files atomically", async () => {
    const before = read("posts.crt");
    const open = openSync(path.join(folder, "posts.crt"), "r");
    await issueCertificates(folder, ["posts"]);
    assert.equal(readFileSync(open, "utf8"), before);
    closeSync(open);
    assert.notEqual(read("posts.crt"), before);
  });

  for (const part of ["ca.crt", "ca.key"]) {
    it(`creates no new authority when the ${part} of the old one is missing`, async () => {
      const others = ["ca.crt", "ca.key", "posts.crt"].filter((name) => name !== part);
      const before = others.map(read);
      renameSync(path.join(folder, part), path.join(folder, "elsewhere"));
      await assert.rejects(issueCertificates(folder, ["posts"]), OperatorError);
      assert.deepEqual(others.map(read), before);
      renameSync(path.join(folder, "elsewhere"), path.join(folder, part));
      await issueCertificates(folder, ["posts"]);
    });
  }
});
