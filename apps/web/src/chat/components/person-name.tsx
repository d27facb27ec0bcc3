import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { User } from "@plaza/contract/users/v1/users";
import { useQuery } from "@tanstack/react-query";
import { cardQuery, nameOf } from "../../people/user-cards.ts";

/** The card of somebody in a chat, or who was: undefined while it is on its way, null when he has left Plaza. */
export function usePerson(chat: Chat | undefined, id: string): User | null | undefined {
  const member = chat?.members.find(({ userId }) => userId === id)?.user;
  const { data } = useQuery({ ...cardQuery(id), enabled: !member });
  return member ?? data;
}

type PersonNameProps = { chat: Chat | undefined; id: string; userId: string; you?: string };

/** How somebody is called; oneself is called "you". */
export function PersonName({ chat, id, userId, you = "you" }: PersonNameProps) {
  const person = usePerson(chat, id);
  return id === userId ? you : nameOf(person);
}
