import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { FriendService } from "@plaza/contract/friends/v1/friends";
import { ContactVisibility, UserService } from "@plaza/contract/users/v1/users";
import { Fault } from "@plaza/kit/errors/fault";
import { toConnectError } from "@plaza/kit/rpc/error-mapping";
import { assertRefused, metadataOf } from "@plaza/kit/testing/assert-refused";
import { stub, testPlaza } from "@plaza/kit/testing/plaza";
import { users } from "./main.ts";

const auth = { isDown: false, lastAdmin: "", closed: [] as string[] };

const authService = stub(AuthService, {
  async closeAccount({ id }) {
    if (auth.isDown) throw new ConnectError("auth is down", Code.Unavailable);
    if (id === auth.lastAdmin) {
      throw toConnectError(new Fault("precondition", "LAST_ADMIN", "the last one"), "auth.plaza");
    }
    auth.closed.push(id);
    return {};
  },
});

describe("writing profiles", () => {
  const plaza = testPlaza({ services: [users], stubs: [authService, stub(FriendService, {})] });
  const anybody = () => plaza.client(UserService);
  const service = () => plaza.client(UserService, { service: "auth" });
  const as = (id: string, ...roles: string[]) =>
    plaza.client(UserService, { account: { id, roles: ["member", ...roles] } });

  let people = 0;
  async function person() {
    const id = randomUUID();
    people += 1;
    const nickname = `person_${people}`;
    const user = await service().createUser({ id, nickname, email: `${nickname}@example.org` });
    return { id, nickname, user, owner: as(id) };
  }

  async function eventsAbout(id: string): Promise<string[]> {
    const rows = await plaza.db("users")<{ type: string }[]>`
      select type from event where aggregate_id = ${id}`;
    return rows.map(({ type }) => type);
  }

  describe("CreateUser", () => {
    it("creates a profile under the id of the account, its nickname in lower case", async () => {
      const id = randomUUID();
      const email = "new@example.org";
      const user = await service().createUser({ id, nickname: "New_One", email });
      assert.deepEqual([user.id, user.nickname, user.email], [id, "new_one", email]);
      assert.deepEqual(await as(id).getUser({ id: "me" }), user);
    });

    it("updates nickname and e-mail address when it is called again", async () => {
      const { id, nickname } = await person();
      await service().createUser({ id, nickname: "second_try", email: "second@example.org" });
      const user = await as(id).getUser({ id: "me" });
      assert.deepEqual([user.nickname, user.email], ["second_try", "second@example.org"]);
      await service().createUser({ id: randomUUID(), nickname, email: "other@example.org" });
    });

    it("gives a nickname to one of several concurrent requests", async () => {
      const racers = Array.from({ length: 8 }, (_, n) =>
        service().createUser({
          id: randomUUID(),
          nickname: n % 2 === 0 ? "the_one" : "THE_ONE",
          email: `racer${n}@example.org`,
        }),
      );
      const outcomes = await Promise.allSettled(racers);
      const refused = outcomes.filter(({ status }) => status === "rejected");
      assert.equal(refused.length, 7);
      for (const { reason } of refused as PromiseRejectedResult[]) {
        await assertRefused(Promise.reject(reason), Code.AlreadyExists, "NICKNAME_TAKEN");
      }
    });

    it("does not bring a deleted user back", async () => {
      const { id, nickname, owner } = await person();
      await owner.deleteUser({ id: "me" });
      const call = service().createUser({ id, nickname, email: "late@example.org" });
      await assertRefused(call, Code.Unauthenticated, "INVALID_SESSION");
      await assertRefused(anybody().getUser({ id }), Code.NotFound, "NO_SUCH_USER");
    });

    it("is for services only", async () => {
      const request = { id: randomUUID(), nickname: "nobody", email: "nobody@example.org" };
      const call = as(request.id).createUser(request);
      await assertRefused(call, Code.PermissionDenied, "SERVICE_ONLY");
    });
  });

  describe("UpdateUser", () => {
    it("changes the fields of the mask and no others, and trims names", async () => {
      const { user, owner } = await person();
      const values = {
        id: "me",
        nickname: "Ada_Changed",
        firstName: " Ada ",
        about: "  hello\n",
        phone: "+44 (20) 7946-0101",
        contactVisibility: ContactVisibility.NOBODY,
        lastName: "not in the mask",
      };
      const paths = ["nickname", "first_name", "about", "phone", "contact_visibility"];
      const changed = await owner.updateUser({ user: values, updateMask: { paths } });
      assert.deepEqual(changed, {
        ...user,
        nickname: "ada_changed",
        firstName: "Ada",
        about: "  hello\n",
        phone: "+44 (20) 7946-0101",
        contactVisibility: ContactVisibility.NOBODY,
        updateTime: changed.updateTime,
        etag: changed.etag,
      });
      assert.notEqual(changed.etag, user.etag);
      assert.deepEqual(await owner.getUser({ id: "me" }), changed);
    });

    it("lets one of several who read the same profile change it, and tells the others", async () => {
      const { id, owner, user } = await person();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, n) =>
          owner.updateUser({
            user: { id: "me", about: `text ${n}`, etag: user.etag },
            updateMask: { paths: ["about"] },
          }),
        ),
      );
      const winners = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      assert.equal(winners.length, 1);
      assert.deepEqual(await owner.getUser({ id }), winners[0]);
      const deletion = owner.deleteUser({ id, etag: user.etag });
      await assertRefused(deletion, Code.Aborted, "ETAG_MISMATCH");
      assert.ok(!auth.closed.includes(id));
    });

    it("makes the change searchable", async () => {
      const { id, owner } = await person();
      const user = { id, lastName: "Quetzalcoatl" };
      await owner.updateUser({ user, updateMask: { paths: ["last_name"] } });
      const { users } = await as(randomUUID(), "admin").listUsers({ query: "tzalco" });
      assert.deepEqual(
        users.map((one) => one.id),
        [id],
      );
    });

    it("lets an admin", async () => {
      const { id } = await person();
      const user = { id: id.toUpperCase(), about: "Moderated." };
      const request = { user, updateMask: { paths: ["about"] } };
      const changed = await as(randomUUID(), "admin").updateUser(request);
      assert.deepEqual([changed.id, changed.about], [id, "Moderated."]);
    });

    it("keeps two concurrent changes", async () => {
      const { owner } = await person();
      for (let round = 0; round < 10; round += 1) {
        const user = { id: "me", firstName: `first ${round}`, lastName: `last ${round}` };
        const change = (path: string) => owner.updateUser({ user, updateMask: { paths: [path] } });
        await Promise.all(["first_name", "last_name"].map(change));
        const { firstName, lastName } = await owner.getUser({ id: "me" });
        assert.deepEqual([firstName, lastName], [user.firstName, user.lastName]);
      }
    });

    it("gives a nickname to one of several concurrent requests", async () => {
      const racers = await Promise.all(Array.from({ length: 8 }, person));
      const request = {
        user: { id: "me", nickname: "wanted" },
        updateMask: { paths: ["nickname"] },
      };
      const outcomes = await Promise.allSettled(
        racers.map(({ owner }) => owner.updateUser(request)),
      );
      assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
      const nicknames = await Promise.all(
        racers.map(async ({ owner }) => (await owner.getUser({ id: "me" })).nickname),
      );
      assert.equal(nicknames.filter((nickname) => nickname === "wanted").length, 1);
    });

    it("refuses with a reason", async () => {
      const { id, owner, user } = await person();
      const { nickname } = await person();
      const change = (paths: string[], values = {}) =>
        owner.updateUser({ user: { id, ...values }, updateMask: { paths } });
      const taken = change(["nickname"], { nickname: nickname.toUpperCase() });
      await assertRefused(taken, Code.AlreadyExists, "NICKNAME_TAKEN");
      await assertRefused(change([]), Code.InvalidArgument, "EMPTY_UPDATE_MASK");
      await assertRefused(change(["name"]), Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
      await assertRefused(change(["email"]), Code.InvalidArgument, "FIELD_NOT_WRITABLE");
      await assertRefused(change(["nickname"]), Code.InvalidArgument, "FIELD_REQUIRED");
      const avatarUrl = "http://example.org/a.png";
      const insecure = change(["avatar_url"], { avatarUrl });
      await assertRefused(insecure, Code.InvalidArgument, "INVALID_REQUEST");
      const request = { user: { id, about: "Hacked." }, updateMask: { paths: ["about"] } };
      await assertRefused(
        as(randomUUID()).updateUser(request),
        Code.PermissionDenied,
        "NOT_YOUR_PROFILE",
      );
      await assertRefused(anybody().updateUser(request), Code.Unauthenticated, "NOT_SIGNED_IN");
      for (const missing of [randomUUID(), ""]) {
        await assertRefused(change(["about"], { id: missing }), Code.NotFound, "NO_SUCH_USER");
      }
      assert.deepEqual(await owner.getUser({ id: "me" }), user);
    });
  });

  describe("DeleteUser", () => {
    it("closes the account, deletes the profile and publishes that, once", async () => {
      const { id, owner } = await person();
      await Promise.allSettled([1, 2, 3].map(() => owner.deleteUser({ id: "me" })));
      assert.ok(auth.closed.includes(id));
      const gone = await assertRefused(anybody().getUser({ id }), Code.NotFound, "NO_SUCH_USER");
      assert.deepEqual(metadataOf(gone), { deleted: "true" });
      const unknown = anybody().getUser({ id: randomUUID() });
      assert.deepEqual(metadataOf(await assertRefused(unknown, Code.NotFound, "NO_SUCH_USER")), {});
      assert.deepEqual(await eventsAbout(id), ["plaza.users.v1.UserDeleted"]);
    });

    it("lets an admin", async () => {
      const { id } = await person();
      await as(randomUUID(), "admin").deleteUser({ id: id.toUpperCase() });
      assert.ok(auth.closed.includes(id));
      await assertRefused(anybody().getUser({ id }), Code.NotFound, "NO_SUCH_USER");
    });

    it("refuses with a reason, and changes nothing", async () => {
      const { id, owner, user } = await person();
      await assertRefused(
        as(randomUUID()).deleteUser({ id }),
        Code.PermissionDenied,
        "NOT_YOUR_PROFILE",
      );
      const unknown = owner.deleteUser({ id: randomUUID() });
      await assertRefused(unknown, Code.NotFound, "NO_SUCH_USER");
      auth.lastAdmin = id;
      await assertRefused(owner.deleteUser({ id }), Code.FailedPrecondition, "LAST_ADMIN");
      assert.deepEqual(await owner.getUser({ id: "me" }), user);
      assert.ok(!auth.closed.includes(id));
      assert.deepEqual(await eventsAbout(id), []);
    });

    it("keeps the profile while auth is unavailable", async () => {
      const { owner, user } = await person();
      auth.isDown = true;
      const call = owner.deleteUser({ id: "me" });
      await assert.rejects(call, (err: ConnectError) => err.code === Code.Unavailable);
      auth.isDown = false;
      assert.deepEqual(await owner.getUser({ id: "me" }), user);
    });
  });

  describe("DiscardUser", () => {
    it("deletes the profile without an event, and can be repeated", async () => {
      const { id, nickname } = await person();
      for (let times = 0; times < 2; times += 1) await service().discardUser({ id });
      await assertRefused(anybody().getUser({ id }), Code.NotFound, "NO_SUCH_USER");
      assert.deepEqual(await eventsAbout(id), []);
      await service().createUser({ id: randomUUID(), nickname, email: "again@example.org" });
    });

    it("is for services only", async () => {
      const { id, owner } = await person();
      await assertRefused(owner.discardUser({ id }), Code.PermissionDenied, "SERVICE_ONLY");
    });
  });
});
