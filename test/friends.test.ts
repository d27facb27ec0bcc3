import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ListFriendsResponseSchema,
  RelationSchema,
  Relation_State as State,
} from "@plaza/contract/friends/v1/friends";
import { SearchUsersResponseSchema } from "@plaza/contract/users/v1/users";
import { type Member, register, signInDemo } from "./base/accounts.ts";
import { assertApiError } from "./base/api-client.ts";
import { suitePlaza } from "./base/running-plaza.ts";
import { waitUntil } from "./base/wait-until.ts";

describe("friends over REST", () => {
  const plaza = suitePlaza();
  const newcomer = (name: string) => register(plaza().url, name);

  async function listed({ request }: Member, state: string): Promise<(string | undefined)[]> {
    const { friends } = (await request(`GET /v1/friends?state=${state}`)).as(
      ListFriendsResponseSchema,
    );
    return friends.map(({ user }) => user?.nickname);
  }

  async function finds({ request }: Member, { nickname }: Member): Promise<boolean> {
    const found = await request(`GET /v1/users:search?nickname=${nickname}`);
    return found.as(SearchUsersResponseSchema).users.length === 1;
  }

  function waitUntilIs(expected: boolean, actual: () => Promise<boolean>): Promise<void> {
    return waitUntil(async () => (await actual()) === expected, `still ${!expected}`);
  }

  it("are requested by nickname, confirmed, and show each other's cards", async () => {
    const [ada, bruno] = [await newcomer("ada"), await newcomer("bruno")];
    const asked = await ada.request("POST /v1/friends:request", { nickname: bruno.nickname });
    assert.equal(asked.as(RelationSchema).state, State.OUTGOING);
    assert.deepEqual(await listed(bruno, "INCOMING"), [ada.nickname]);
    await bruno.request(`POST /v1/friends/${ada.id}:confirm`, {});
    assert.deepEqual(await listed(ada, "CONFIRMED"), [bruno.nickname]);
    assert.deepEqual(await listed(bruno, "CONFIRMED"), [ada.nickname]);
    assert.deepEqual(await listed(ada, "OUTGOING"), []);
  });

  it("are requested only while their account is active", async () => {
    const [ada, barred] = [await newcomer("ada"), await newcomer("barred")];
    const admin = await signInDemo(plaza().url, "admin1");
    await admin.request(`POST /v1/auth/accounts/${barred.id}:deactivate`, {});
    const asking = () => ada.request("POST /v1/friends:request", { userId: barred.id });
    assertApiError(await asking(), 404, "NO_SUCH_USER");
    await admin.request(`POST /v1/auth/accounts/${barred.id}:reactivate`, {});
    assert.equal((await asking()).status, 200);
  });

  it("who block a user can neither be requested nor found by them, until they unblock", async () => {
    const [ada, bruno] = [await newcomer("ada"), await newcomer("bruno")];
    assert.ok(await finds(bruno, ada));
    await ada.request(`POST /v1/friends/${bruno.id}:block`, {});
    const asking = () => bruno.request("POST /v1/friends:request", { nickname: ada.nickname });
    assertApiError(await asking(), 404, "NO_SUCH_USER");
    await waitUntilIs(false, () => finds(bruno, ada));
    assert.ok(await finds(ada, bruno));
    assert.equal((await bruno.request(`GET /v1/users/${ada.id}`)).status, 200);
    await ada.request(`POST /v1/friends/${bruno.id}:unblock`, {});
    assert.equal((await asking()).status, 200);
    await waitUntilIs(true, () => finds(bruno, ada));
  });

  it("who delete their accounts disappear from the lists of others", async () => {
    const [ada, bruno] = [await newcomer("ada"), await newcomer("bruno")];
    await ada.request("POST /v1/friends:request", { userId: bruno.id });
    await ada.request("DELETE /v1/users/me");
    await waitUntilIs(false, async () => (await listed(bruno, "INCOMING")).length > 0);
  });

  it("of the demo accounts are there from the start", async () => {
    const ada = await signInDemo(plaza().url, "admin1");
    assert.deepEqual(await listed(ada, "CONFIRMED"), ["clara", "bruno"]);
    assert.deepEqual(await listed(ada, "INCOMING"), ["dmitri"]);
  });
});
