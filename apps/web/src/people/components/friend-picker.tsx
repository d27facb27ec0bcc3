import { Relation_State as State } from "@plaza/contract/friends/v1/friends";
import type { User } from "@plaza/contract/users/v1/users";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { t } from "../../lib/messages.ts";
import { Failure } from "../../ui/failure.tsx";
import { controlClass } from "../../ui/forms/control-class.ts";
import { AvatarRowsSkeleton } from "../../ui/skeletons.tsx";
import { fullName } from "../names.ts";
import { friendsQuery } from "../relation-queries.ts";
import { Avatar } from "./avatar.tsx";

type FriendPickerProps = {
  selectedIds: readonly string[];
  onChange: (userIds: readonly string[]) => void;
  /** Friends who cannot be chosen, because they are members already. */
  excludedIds?: readonly string[];
};

const searchFieldMinFriends = 8;

/** A list of the member's friends with checkboxes. */
export function FriendPicker({ selectedIds, onChange, excludedIds = [] }: FriendPickerProps) {
  const { friends, isPending, error, refetch } = useAllFriends();
  const [words, setWords] = useState("");
  const candidates = friends.filter(({ id }) => !excludedIds.includes(id));
  const shown = candidates.filter((user) => matchesWords(user, words));
  const toggle = (id: string) =>
    onChange(
      selectedIds.includes(id) ? selectedIds.filter((other) => other !== id) : [...selectedIds, id],
    );
  if (isPending) return <AvatarRowsSkeleton />;
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <fieldset>
      <legend className="mb-2 text-sm font-semibold">{t("people.friendPicker.legend")}</legend>
      {candidates.length >= searchFieldMinFriends && (
        <input
          type="search"
          dir="auto"
          aria-label={t("people.friendPicker.search")}
          placeholder={t("people.friendPicker.search")}
          value={words}
          onChange={({ target }) => setWords(target.value)}
          className={`mb-2 min-h-11 ${controlClass}`}
        />
      )}
      <div className="-mx-2 max-h-96 space-y-1 overflow-y-auto">
        {shown.map((user) => (
          <label
            key={user.id}
            className="flex cursor-pointer items-center gap-3 rounded-md px-2 py-2 hover:bg-sunken has-checked:bg-accent-wash"
          >
            <input
              type="checkbox"
              className="size-4.5"
              checked={selectedIds.includes(user.id)}
              onChange={() => toggle(user.id)}
            />
            <Avatar user={user} size="sm" />
            <span className="min-w-0 truncate">
              <bdi className="font-semibold">{user.nickname}</bdi>{" "}
              <bdi className="text-sm text-faint">{fullName(user)}</bdi>
            </span>
          </label>
        ))}
      </div>
      {shown.length === 0 && (
        <p className="py-2 text-sm text-faint">{t("people.friendPicker.empty")}</p>
      )}
    </fieldset>
  );
}

/** Loads all pages of friends, because the search runs in the browser. */
function useAllFriends() {
  const query = useInfiniteQuery(friendsQuery(State.CONFIRMED));
  const { data, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  const friends = (data ?? []).flatMap(({ user }) => (user ? [user] : []));
  return { ...query, friends, error: data ? null : query.error };
}

function matchesWords(user: User, words: string): boolean {
  const name = `${user.nickname} ${fullName(user)}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => name.includes(word));
}
