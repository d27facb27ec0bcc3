import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { FriendService } from "@plaza/contract/friends/v1/friends";
import { ContactVisibility, type User, UserService } from "@plaza/contract/users/v1/users";
import { newId } from "@plaza/kit/id";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { stub, testPlaza } from "@plaza/kit/testing/plaza";
import { users } from "./main.ts";
import { insertBlock } from "./store.ts";

describe("reading profiles", () => {
  const plaza = testPlaza({
    services: [users],
    stubs: [stub(AuthService, {}), stub(FriendService, {})],
  });
  const anybody = () => plaza.client(UserService);
  const service = () => plaza.client(UserService, { service: "auth" });
  const as = (id: string, ...roles: string[]) =>
    plaza.client(UserService, { account: { id, roles: ["member", ...roles] } });
  const admin = () => as(randomUUID(), "admin");

  /** A profile with everything filled in, as its owner sees it. */
  async function person(
    nickname: string,
    values: Partial<Pick<User, "firstName" | "lastName">> = {},
  ) {
    const id = newId();
    await service().createUser({ id, nickname, email: `${nickname}@example.org` });
    const contact = { phone: "+44 20 7946 0101", address: "1 Market Square" };
    const user = { id, firstName: "Ada", ...contact, ...values };
    const paths = ["first_name", "last_name", "phone", "address"];
    return as(id).updateUser({ user, updateMask: { paths } });
  }

  describe("GetUser", () => {
    it("shows the owner everything, by id and as me", async () => {
      const ada = await person("get_ada");
      assert.equal(ada.email, "get_ada@example.org");
      assert.equal(ada.contactVisibility, ContactVisibility.MEMBERS);
      assert.deepEqual(await as(ada.id).getUser({ id: "me" }), ada);
      assert.deepEqual(await as(ada.id).getUser({ id: ada.id.toUpperCase() }), ada);
      assert.deepEqual(await admin().getUser({ id: ada.id }), ada);
    });

    it("hides fields that the caller may not see", async () => {
      const ada = await person("get_shy");
      const member = await as(randomUUID()).getUser({ id: ada.id });
      assert.deepEqual([member.firstName, member.phone, member.email], ["Ada", ada.phone, ""]);
      const stranger = await anybody().getUser({ id: ada.id });
      assert.deepEqual([stranger.firstName, stranger.phone, stranger.email], ["Ada", "", ""]);
    });

    it("returns the fields of the mask", async () => {
      const ada = await person("get_mask");
      const card = await as(ada.id).getUser({ id: "me", readMask: { paths: ["nickname"] } });
      assert.deepEqual([card.nickname, card.id, card.email, card.phone], ["get_mask", "", "", ""]);
    });

    it("refuses with a reason", async () => {
      await assertRefused(anybody().getUser({ id: randomUUID() }), Code.NotFound, "NO_SUCH_USER");
      await assertRefused(anybody().getUser({ id: "me" }), Code.Unauthenticated, "NOT_SIGNED_IN");
      const wrong = anybody().getUser({ id: randomUUID(), readMask: { paths: ["name"] } });
      await assertRefused(wrong, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
    });
  });

  describe("BatchGetUsers", () => {
    it("keeps the order of the request, leaves out unknown ids and hides private fields", async () => {
      const [one, two] = [await person("batch_one"), await person("batch_two")];
      const ids = [two.id.toUpperCase(), randomUUID(), one.id];
      const { users } = await as(one.id).batchGetUsers({ ids });
      assert.deepEqual(
        users.map(({ nickname }) => nickname),
        ["batch_two", "batch_one"],
      );
      assert.deepEqual(
        users.map(({ email }) => email),
        ["", "batch_one@example.org"],
      );
    });

    it("refuses with a reason", async () => {
      const wrong = anybody().batchGetUsers({ ids: [randomUUID()], readMask: { paths: ["name"] } });
      await assertRefused(wrong, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
      const tooMany = anybody().batchGetUsers({ ids: Array.from({ length: 101 }, randomUUID) });
      await assertRefused(tooMany, Code.InvalidArgument, "INVALID_REQUEST");
    });
  });

  describe("SearchUsers", () => {
    before(async () => {
      for (const nickname of ["find_b", "find_a", "find_c", "findxa", "fin", "find"]) {
        await person(nickname);
      }
    });

    it("finds by a prefix of the nickname, in any case, page by page", async () => {
      const pages = await allPages((pageToken) =>
        as(randomUUID()).searchUsers({ nickname: "FIND_", pageSize: 2, pageToken }),
      );
      assert.deepEqual(pages, [["find_a", "find_b"], ["find_c"]]);
    });

    it("finds by words of the names after nicknames, newest first, page by page", async () => {
      await person("zoe_m", { firstName: "Zoë", lastName: "Marchand" });
      await person("marc", { firstName: "Marc", lastName: "Zoefield" });
      await person("zoe", { firstName: "Z" });
      const find = (nickname: string) =>
        allPages((pageToken) => as(randomUUID()).searchUsers({ nickname, pageSize: 1, pageToken }));
      assert.deepEqual(await find("zoe"), [["zoe"], ["zoe_m"], ["marc"]]);
      assert.deepEqual(await find("Zoe M"), [["marc"], ["zoe_m"]]);
      assert.deepEqual(await find("marchand ZOË"), [["zoe_m"]]);
      assert.deepEqual(await find("example"), [[]], "not by the e-mail address");
      const badToken = Buffer.from(JSON.stringify(["words:zoe"])).toString("base64url");
      const refused = as(randomUUID()).searchUsers({ nickname: "zoe", pageToken: badToken });
      await assertRefused(refused, Code.InvalidArgument, "BAD_PAGE_TOKEN");
    });

    it("leaves out users who block the caller, and fills the page with others", async () => {
      const [searcher, other] = [newId(), newId()];
      const { id } = await person("hide_b");
      for (const nickname of ["hide_a", "hide_c"]) await person(nickname);
      const db = plaza.db("users");
      await db.begin((tx) => insertBlock(tx, id, searcher));
      const found = (callerId: string) =>
        allPages((pageToken) =>
          as(callerId).searchUsers({ nickname: "hide_", pageSize: 2, pageToken }),
        );
      assert.deepEqual(await found(searcher), [["hide_a", "hide_c"]]);
      assert.deepEqual(await found(other), [["hide_a", "hide_b"], ["hide_c"]]);
      assert.deepEqual(await found(id), [["hide_a", "hide_b"], ["hide_c"]]);
      assert.equal((await as(searcher).getUser({ id })).nickname, "hide_b");
    });

    it("finds a whole nickname, too, and hides private fields", async () => {
      const { users } = await as(randomUUID()).searchUsers({ nickname: "find" });
      const nicknames = users.map(({ nickname }) => nickname);
      assert.deepEqual(nicknames, ["find", "find_a", "find_b", "find_c", "findxa"]);
      assert.ok(users.every(({ email, phone }) => email === "" && phone !== ""));
      assert.deepEqual((await as(randomUUID()).searchUsers({ nickname: "%" })).users, []);
    });

    it("refuses with a reason", async () => {
      const member = as(randomUUID());
      const nickname = "find";
      const wrong = member.searchUsers({ nickname, readMask: { paths: ["name"] } });
      await assertRefused(wrong, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
      const badToken = member.searchUsers({ nickname, pageToken: "x" });
      await assertRefused(badToken, Code.InvalidArgument, "BAD_PAGE_TOKEN");
      await assertRefused(
        member.searchUsers({ nickname: "\u200b" }),
        Code.InvalidArgument,
        "INVALID_REQUEST",
      );
      await assertRefused(
        anybody().searchUsers({ nickname }),
        Code.Unauthenticated,
        "NOT_SIGNED_IN",
      );
    });
  });

  describe("ListUsers", () => {
    it("lists all profiles to admins, newest first, with all fields", async () => {
      const [older, newer] = [await person("list_one"), await person("list_two")];
      const { users, nextPageToken } = await admin().listUsers({ pageSize: 2 });
      assert.deepEqual(
        users.map(({ id }) => id),
        [newer.id, older.id],
      );
      assert.ok(users.every(({ email, phone }) => email !== "" && phone !== ""));
      assert.notEqual(nextPageToken, "");
    });

    it("searches addresses, nicknames and names for any part, in any case, page by page", async () => {
      const lastNames = ["Lindqvist", "Øberg-Lind", "O'Lindsay"];
      for (const [n, lastName] of lastNames.entries()) await person(`lister_${n}`, { lastName });
      const listed = async (query: string) => {
        const pages = await allPages((pageToken) =>
          admin().listUsers({ query, pageSize: 2, pageToken }),
        );
        return pages.map((page) => page.toSorted());
      };
      assert.deepEqual((await listed("LIND")).flat().sort(), ["lister_0", "lister_1", "lister_2"]);
      assert.equal((await listed("lind")).length, 2);
      assert.deepEqual(await listed("øberg"), [["lister_1"]]);
      assert.deepEqual(await listed("ada o'l"), [["lister_2"]]);
      assert.deepEqual(await listed(" ER_1@EXAMPLE "), [["lister_1"]]);
      assert.deepEqual(await listed("r_2"), [["lister_2"]]);
      for (const nothing of ["lister%0", "lister\\", "_____________"]) {
        assert.deepEqual(await listed(nothing), [[]], nothing);
      }
    });

    it("refuses with a reason", async () => {
      const wrong = admin().listUsers({ readMask: { paths: ["name"] } });
      await assertRefused(wrong, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
      const badToken = admin().listUsers({ pageToken: "x" });
      await assertRefused(badToken, Code.InvalidArgument, "BAD_PAGE_TOKEN");
      const member = as(randomUUID()).listUsers({});
      await assertRefused(member, Code.PermissionDenied, "ROLE_REQUIRED");
    });
  });

  describe("FindUserByNickname", () => {
    it("returns the id for a nickname in any case", async () => {
      const { id } = await person("findable");
      assert.equal((await service().findUserByNickname({ nickname: "FindAble" })).id, id);
    });

    it("refuses with a reason", async () => {
      const unknown = service().findUserByNickname({ nickname: "findabl" });
      await assertRefused(unknown, Code.NotFound, "NO_SUCH_USER");
      const member = as(randomUUID()).findUserByNickname({ nickname: "findable" });
      await assertRefused(member, Code.PermissionDenied, "SERVICE_ONLY");
    });
  });
});

/** The nicknames on each page of a list. */
async function allPages(
  read: (pageToken: string) => Promise<{ users: User[]; nextPageToken: string }>,
): Promise<string[][]> {
  const pages: string[][] = [];
  for (let pageToken = "", more = true; more; more = pageToken !== "") {
    const { users, nextPageToken } = await read(pageToken);
    pages.push(users.map(({ nickname }) => nickname));
    pageToken = nextPageToken;
  }
  return pages;
}
