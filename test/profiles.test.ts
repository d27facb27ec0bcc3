import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BatchGetUsersResponseSchema,
  ContactVisibility,
  SearchUsersResponseSchema,
  UserSchema,
} from "@plaza/contract/users/v1/users";
import { type Member, register, signInDemo } from "./base/accounts.ts";
import { apiClient, assertApiError } from "./base/api-client.ts";
import { suitePlaza } from "./base/running-plaza.ts";

describe("profiles over REST", () => {
  const plaza = suitePlaza();
  const url = () => plaza().url;

  it("are read by id, as me, many at once, and by the beginning of the nickname", async () => {
    const ada = await register(url());
    const ids = [ada.id, "00000000-0000-7000-8000-000000000000"];
    assert.equal((await ada.request("GET /v1/users/me")).as(UserSchema).id, ada.id);
    assert.equal((await apiClient(url())(`GET /v1/users/${ada.id}`)).as(UserSchema).email, "");
    const batch = await apiClient(url())(`GET /v1/users:batchGet?ids=${ids.join("&ids=")}`);
    assert.deepEqual(
      batch.as(BatchGetUsersResponseSchema).users.map(({ id }) => id),
      [ada.id],
    );
    const found = await ada.request(`GET /v1/users:search?nickname=${ada.nickname.slice(0, 15)}`);
    assert.deepEqual(
      found.as(SearchUsersResponseSchema).users.map(({ id }) => id),
      [ada.id],
    );
  });

  it("change as in the body: PATCH infers its mask", async () => {
    const ada = await register(url());
    const profile = { firstName: "Ada", about: "Engines", phone: "+44 20 7946 0000" };
    await ada.request("PATCH /v1/users/me", profile);
    const after = (await ada.request("PATCH /v1/users/me", { about: "" })).as(UserSchema);
    assert.deepEqual([after.firstName, after.about, after.phone], ["Ada", "", profile.phone]);
  });

  it("show contact details to those whom their owner allows", async () => {
    const [ada, bob] = await Promise.all([register(url()), register(url())]);
    const admin = await signInDemo(url(), "admin1");
    const seen = async (ask: Member["request"]) => {
      const { phone, address } = (await ask(`GET /v1/users/${ada.id}`)).as(UserSchema);
      assert.equal(phone === "", address === "");
      return phone !== "";
    };
    const contact = { phone: "+44 20 7946 0000", address: "1 Analytical Row" };
    const expected = { PUBLIC: [true, true], MEMBERS: [false, true], NOBODY: [false, false] };
    for (const [who, [nobody, member]] of Object.entries(expected)) {
      const contactVisibility = `CONTACT_VISIBILITY_${who}`;
      await ada.request("PATCH /v1/users/me", { ...contact, contactVisibility });
      assert.deepEqual(
        await Promise.all([apiClient(url()), bob.request, ada.request, admin.request].map(seen)),
        [nobody, member, true, true],
        who,
      );
    }
    const { email, contactVisibility } = (await bob.request(`GET /v1/users/${ada.id}`)).as(
      UserSchema,
    );
    assert.deepEqual([email, contactVisibility], ["", ContactVisibility.UNSPECIFIED]);
  });

  it("are nobody else's to change or delete", async () => {
    const [ada, eve] = await Promise.all([register(url()), register(url())]);
    assertApiError(
      await eve.request(`PATCH /v1/users/${ada.id}`, { about: "pwned" }),
      403,
      "NOT_YOUR_PROFILE",
    );
    assertApiError(await eve.request(`DELETE /v1/users/${ada.id}`), 403, "NOT_YOUR_PROFILE");
  });

  it("go with their account, which can never sign in again", async () => {
    const ada = await register(url());
    assert.equal((await ada.request("DELETE /v1/users/me")).status, 200);
    assertApiError(await ada.request("GET /v1/users/me"), 401, "INVALID_TOKEN");
    assertApiError(await apiClient(url())(`GET /v1/users/${ada.id}`), 404, "NO_SUCH_USER");
    const { email: login, password } = ada;
    assertApiError(
      await apiClient(url())("POST /v1/auth:login", { login, password }),
      401,
      "WRONG_CREDENTIALS",
    );
    assert.ok((await register(url(), "next")).id, "others can still join");
  });
});
