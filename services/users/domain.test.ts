import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ContactVisibility } from "@plaza/contract/users/v1/users";
import { Fault } from "@plaza/kit/errors/fault";
import {
  edit,
  mayChange,
  newProfile,
  type Profile,
  searchTextOf,
  type Viewer,
  type Visibility,
  visibility,
  visibleTo,
} from "./domain.ts";

const registered = new Date("2026-03-01T12:00:00Z");
const later = new Date("2026-03-02T12:00:00Z");
const profile: Profile = {
  ...newProfile({ id: "ada", nickname: "Ada_L", email: "ada@example.org" }, undefined, registered),
  phone: "+44 20 7946 0101",
  address: "1 Market Square",
};

describe("newProfile", () => {
  it("creates an empty profile whose contact details members may see", () => {
    const { phone, address, ...rest } = profile;
    assert.deepEqual(rest, {
      id: "ada",
      nickname: "ada_l",
      email: "ada@example.org",
      firstName: "",
      lastName: "",
      about: "",
      avatarUrl: "",
      contactVisibility: visibility.members,
      createTime: registered,
      updateTime: registered,
    });
  });

  it("updates nickname and e-mail address when a registration is repeated", () => {
    const again = { id: "ada", nickname: "Countess", email: "countess@example.org" };
    const changed = { nickname: "countess", email: "countess@example.org", updateTime: later };
    assert.deepEqual(newProfile(again, profile, later), { ...profile, ...changed });
  });
});

describe("edit", () => {
  it("changes what is given, trims names but no text of several lines, and keeps the rest", () => {
    const changes = { nickname: "ADA", firstName: " Ada ", about: "  hello\n", address: " \n" };
    const changed = { nickname: "ada", firstName: "Ada", about: "  hello\n", address: "" };
    const expected = { ...profile, ...changed, updateTime: later };
    assert.deepEqual(edit(profile, changes, later), expected);
  });

  it("treats an unspecified visibility as members", () => {
    const hidden = edit(profile, { contactVisibility: visibility.nobody }, later);
    const changes = { contactVisibility: visibility.unspecified };
    assert.equal(edit(hidden, changes, later).contactVisibility, visibility.members);
  });

  it("refuses an empty nickname", () => {
    assert.throws(
      () => edit(profile, { nickname: "" }, later),
      (err) => err instanceof Fault && err.reason === "FIELD_REQUIRED",
    );
  });
});

const member = (id: string, ...roles: string[]) => ({
  account: { id, roles: ["member", ...roles] },
});
const viewers = {
  nobody: {},
  owner: member("ada"),
  admin: member("bruno", "admin"),
  member: member("clara"),
  service: { service: "posts" },
  "service for the owner": { service: "posts", ...member("ada") },
  "service for a member": { service: "posts", ...member("clara") },
} satisfies Record<string, Viewer>;

describe("visibleTo", () => {
  const all = ["email", "phone", "address", "contactVisibility"] as const;
  const contact = ["phone", "address"] as const;
  const none = [] as const;
  const insiders = { owner: all, admin: all, "service for the owner": all };
  const outsiders = (shown: typeof contact | typeof none) => ({
    member: shown,
    "service for a member": shown,
  });
  const matrix = {
    public: { ...insiders, ...outsiders(contact), nobody: contact, service: contact },
    members: { ...insiders, ...outsiders(contact), nobody: none, service: none },
    nobody: { ...insiders, ...outsiders(none), nobody: none, service: none },
  };

  for (const [setting, row] of Object.entries(matrix)) {
    const whole = { ...profile, contactVisibility: visibility[setting as keyof typeof matrix] };
    for (const [viewer, shown] of Object.entries(row)) {
      it(`${setting}: shows ${shown.join(", ") || "nothing private"} to ${viewer}`, () => {
        const seen = visibleTo(whole, viewers[viewer as keyof typeof viewers]);
        for (const field of all) {
          const hidden = field === "contactVisibility" ? visibility.unspecified : "";
          const isShown = (shown as readonly string[]).includes(field);
          assert.equal(seen[field], isShown ? whole[field] : hidden, field);
        }
        const { email, phone, address, contactVisibility } = whole;
        assert.deepEqual({ ...seen, email, phone, address, contactVisibility }, whole);
      });
    }
  }

  it("covers every viewer and every setting", () => {
    for (const row of Object.values(matrix)) {
      assert.deepEqual(Object.keys(row).sort(), Object.keys(viewers).sort());
    }
    assert.equal(Object.keys(matrix).length, Object.keys(visibility).length - 1);
  });
});

describe("visibility", () => {
  it("has the numbers of the contract", () => {
    const names = Object.entries(visibility).map(([name, number]) => [name.toUpperCase(), number]);
    const contract: Record<string, Visibility> = {
      UNSPECIFIED: ContactVisibility.UNSPECIFIED,
      PUBLIC: ContactVisibility.PUBLIC,
      MEMBERS: ContactVisibility.MEMBERS,
      NOBODY: ContactVisibility.NOBODY,
    };
    assert.deepEqual(Object.fromEntries(names), contract);
  });
});

describe("mayChange", () => {
  it("lets the owner and admins", () => {
    const allowed = [viewers.owner, viewers.admin, viewers.member].map(({ account }) =>
      mayChange(profile, account),
    );
    assert.deepEqual(allowed, [true, true, false]);
  });
});

describe("searchTextOf", () => {
  it("contains address, nickname and full name, without case and accents", () => {
    const person = { ...profile, email: "Ada@Example.org", firstName: "Åda", lastName: "Lovelace" };
    assert.equal(searchTextOf(person), "ada@example.org\nada_l\nada lovelace");
  });
});
