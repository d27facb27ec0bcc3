import type { Deps } from "@plaza/kit/runtime/service";
import { edit, type ProfileFields, visibility } from "./domain.ts";
import * as store from "./store.ts";

type DemoProfile = Pick<
  ProfileFields,
  "nickname" | "firstName" | "lastName" | "about" | "phone" | "address" | "contactVisibility"
>;

const demoProfiles: readonly DemoProfile[] = [
  {
    nickname: "ada",
    firstName: "Ada",
    lastName: "Lindqvist",
    about: "Keeps the keys of the town hall and the kettle of this site. Ask me anything.",
    phone: "+44 20 7946 0101",
    address: "Town Hall, 1 Market Square, Millbrook",
    contactVisibility: visibility.public,
  },
  {
    nickname: "bruno",
    firstName: "Bruno",
    lastName: "Okafor",
    about: "Retired bicycle mechanic, active tinkerer. If it has a screw, I have a driver for it.",
    phone: "+44 20 7946 0102",
    address: "The Old Fire Station, 12 Pump Lane, Millbrook",
    contactVisibility: visibility.members,
  },
  {
    nickname: "clara",
    firstName: "Clara",
    lastName: "Moreau",
    about: "Secretary of the garden club. Lives with a cat named Biscuit, who makes the decisions.",
    phone: "+44 20 7946 0103",
    address: "Rose Cottage, 7 Orchard Row, Millbrook",
    contactVisibility: visibility.members,
  },
  {
    nickname: "dmitri",
    firstName: "Dmitri",
    lastName: "Novak",
    about: "Bakes on Sundays, walks it off on Mondays.",
    phone: "+44 20 7946 0104",
    address: "3 Weir Street, Millbrook",
    contactVisibility: visibility.nobody,
  },
];

/** Fills in the profiles of the demo accounts, unless their owners have. */
export async function seed({ db, now }: Deps): Promise<void> {
  for (const { nickname, ...fields } of demoProfiles) {
    await db.begin(async (tx) => {
      const id = await store.findIdByNickname(tx, nickname);
      const profile = id && (await store.lockProfile(tx, id));
      if (!profile || profile.firstName || profile.about) return;
      await store.saveProfile(tx, edit(profile, fields, now()));
    });
  }
}
