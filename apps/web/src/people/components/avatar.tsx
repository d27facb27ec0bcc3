import type { User } from "@plaza/contract/users/v1/users";
import { firstGraphemes } from "@plaza/kit/text/graphemes";
import type { CSSProperties } from "react";
import { usePicture } from "../../ui/pictures/use-picture.ts";
import { fullName } from "../names.ts";

const sizeClasses = {
  sm: "size-7 text-[0.6875rem]",
  md: "size-11 text-sm",
  lg: "size-24 text-2xl",
};

/**
 * A user's picture, or initials on a colour made from the id. Hidden from screen readers: the name stands beside
 * it.
 */
export function Avatar({ user, size }: { user: User | undefined; size: keyof typeof sizeClasses }) {
  const of = user?.id && `/v1/users/${user.id}`;
  const picture = usePicture(user?.avatarUrl, { of, size: "small" });
  const shape = `shrink-0 rounded-full object-cover ${sizeClasses[size]}`;
  if (of && !picture.isMissing) {
    return <img {...picture.load} alt="" loading="lazy" className={`bg-sunken ${shape}`} />;
  }
  return (
    <span
      aria-hidden
      dir="auto"
      style={{ "--hue": hueOf(user?.id ?? "") } as CSSProperties}
      className={`avatar grid place-items-center font-semibold tracking-wide uppercase select-none ${shape}`}
    >
      {initials(user)}
    </span>
  );
}

function initials(user: User | undefined): string {
  if (!user) return "?";
  const names = fullName(user).split(/\s+/).filter(Boolean);
  const letters = names.length > 1 ? [names[0], names.at(-1)] : [];
  return (
    letters.map((name) => firstGraphemes(name ?? "", 1)).join("") ||
    firstGraphemes(user.nickname, 2)
  );
}

function hueOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) % 360;
  return hash;
}
