import type { Chat } from "@plaza/contract/chat/v1/chats";
import { Children, type ReactNode } from "react";
import { joinNames } from "../join-names.ts";
import { PersonName } from "./person-name.tsx";

type PersonNamesProps = { chat: Chat; ids: readonly string[]; userId: string };

const maxNames = 5;

/** The names of members of a chat within a sentence. */
export function PersonNames({ chat, ids, userId }: PersonNamesProps) {
  const names = ids.map((id) => <PersonName key={id} chat={chat} id={id} userId={userId} />);
  return Children.toArray(joinNames<ReactNode>(names, maxNames));
}
