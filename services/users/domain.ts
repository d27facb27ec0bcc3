import { nextUpdateTime } from "@plaza/kit/errors/etag";
import { Fault, invalidField, notFound } from "@plaza/kit/errors/fault";
import { foldText } from "@plaza/kit/text/fold-text";
import { normalizeMarkdown, normalizeText } from "@plaza/kit/text/normalize-text";

/** Who sees phone and address; the numbers of ContactVisibility in the contract. */
export const visibility = { unspecified: 0, public: 1, members: 2, nobody: 3 } as const;

export type Visibility = (typeof visibility)[keyof typeof visibility];

/** The fields that owners write. */
export type ProfileFields = {
  readonly nickname: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly about: string;
  readonly avatarUrl: string;
  readonly phone: string;
  readonly address: string;
  readonly contactVisibility: Visibility;
};

export type Profile = ProfileFields & {
  readonly id: string;
  readonly email: string;
  readonly createTime: Date;
  readonly updateTime: Date;
};

/** The account of the caller. */
type Account = { readonly id: string; readonly roles: readonly string[] };

/** The reader of a profile: an account, a service, a service on behalf of an account, or anonymous. */
export type Viewer = { readonly account?: Account; readonly service?: string };

/** What auth provides for a new account. */
type Registration = Pick<Profile, "id" | "nickname" | "email">;

const defaultFields: Omit<ProfileFields, "nickname"> = {
  firstName: "",
  lastName: "",
  about: "",
  avatarUrl: "",
  phone: "",
  address: "",
  contactVisibility: visibility.members,
};

/** The profile of a new account; `before` was left by an earlier attempt at the same registration. */
export function newProfile(
  registration: Registration,
  before: Profile | undefined,
  now: Date,
): Profile {
  const { id, nickname, email } = registration;
  const profile = before ?? { ...defaultFields, createTime: now };
  const updateTime = before ? nextUpdateTime(before, now) : now;
  return { ...profile, id, nickname: nickname.toLowerCase(), email, updateTime };
}

export function edit(profile: Profile, changes: Partial<ProfileFields>, now: Date): Profile {
  const { nickname, contactVisibility, ...texts } = { ...profile, ...changes };
  if (nickname === "") throw invalidField("user.nickname", "FIELD_REQUIRED", "must not be blank");
  return {
    ...texts,
    firstName: normalizeText(texts.firstName),
    lastName: normalizeText(texts.lastName),
    about: normalizeMarkdown(texts.about),
    phone: normalizeText(texts.phone),
    address: normalizeMarkdown(texts.address),
    nickname: nickname.toLowerCase(),
    contactVisibility: contactVisibility || visibility.members,
    updateTime: nextUpdateTime(profile, now),
  };
}

export function mayChange(profile: Profile, account: Account): boolean {
  return profile.id === account.id || account.roles.includes("admin");
}

/**
 * The profile as the viewer may see it; hidden fields are empty. A service sees what the account sees on
 * whose behalf it calls. Without an account it sees what anonymous callers see, because this service cannot
 * distinguish its own call from one that it forwards.
 */
export function visibleTo(profile: Profile, { account }: Viewer): Profile {
  if (account && mayChange(profile, account)) return profile;
  const { contactVisibility } = profile;
  const showsContact =
    contactVisibility === visibility.public ||
    (contactVisibility === visibility.members && account !== undefined);
  const contact = showsContact ? {} : { phone: "", address: "" };
  return { ...profile, ...contact, email: "", contactVisibility: visibility.unspecified };
}

/** The text that admins search, with first and last name as one phrase. */
export function searchTextOf({ email, nickname, firstName, lastName }: Profile): string {
  return foldText(`${email}\n${nickname}\n${firstName} ${lastName}`);
}

export function noSuchUser(id: string, isDeleted = false): never {
  throw notFound("NO_SUCH_USER", `no such user: "${id}"`, isDeleted);
}

export function notYourProfile(): never {
  throw new Fault(
    "forbidden",
    "NOT_YOUR_PROFILE",
    "only the owner and admins can edit or delete this profile",
  );
}

/** `field` is the path of the nickname in the request. */
export function nicknameTaken(field: string): never {
  const reason = "NICKNAME_TAKEN";
  const description = "is already taken";
  throw new Fault("conflict", reason, `${field}: ${description}`, {
    violations: [{ field, reason, description }],
  });
}

export function lastAdmin(): never {
  throw new Fault(
    "precondition",
    "LAST_ADMIN",
    "this is the last admin; make another account an admin first",
  );
}
