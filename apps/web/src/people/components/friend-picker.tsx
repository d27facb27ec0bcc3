import { Relation_State as State } from "@plaza/contract/friends/v1/friends";
import type { User } from "@plaza/contract/users/v1/users";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Failure } from "../../ui/failure.tsx";
import { controlLook } from "../../ui/forms/control-class.ts";
import { PeopleSkeleton } from "../../ui/skeletons.tsx";
import { friendsQuery } from "../friends.ts";
import { fullName } from "../user-queries.ts";
import { Avatar } from "./avatar.tsx";

type FriendChoiceProps = {
  legend: string;
  /** User ids. */
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
  /** Friends who are not to be chosen: they are there already. */
  without?: readonly string[];
};

const fieldFrom = 8;

/** Some of the member's friends, by ticking them. */
export function FriendChoice({ legend, chosen, onChange, without = [] }: FriendChoiceProps) {
  const { friends, isPending, error, refetch } = useAllFriends();
  const [words, setWords] = useState("");
  const choice = friends.filter(({ id }) => !without.includes(id));
  const shown = choice.filter((user) => matches(user, words));
  const toggle = (id: string) =>
    onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  if (isPending) return <PeopleSkeleton />;
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <fieldset>
      <legend className="mb-2 text-sm font-semibold">{legend}</legend>
      {choice.length >= fieldFrom && (
        <input
          type="search"
          aria-label="Search your friends"
          placeholder="Search your friends"
          value={words}
          onChange={({ target }) => setWords(target.value)}
          className={`mb-2 min-h-11 ${controlLook}`}
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
              checked={chosen.includes(user.id)}
              onChange={() => toggle(user.id)}
            />
            <Avatar user={user} size="sm" />
            <span className="min-w-0 truncate">
              <span className="font-semibold">{user.nickname}</span>{" "}
              <span className="text-sm text-faint">{fullName(user)}</span>
            </span>
          </label>
        ))}
      </div>
      {shown.length === 0 && <p className="py-2 text-sm text-faint">Nobody to choose.</p>}
    </fieldset>
  );
}

/** The friends, page after page, as one can search them only when they are all here. */
function useAllFriends() {
  const query = useInfiniteQuery(friendsQuery(State.CONFIRMED));
  const { data, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  const friends = (data ?? []).flatMap(({ user }) => (user ? [user] : []));
  return { ...query, friends, error: data ? null : query.error };
}

function matches(user: User, words: string): boolean {
  const name = `${user.nickname} ${fullName(user)}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => name.includes(word));
}
