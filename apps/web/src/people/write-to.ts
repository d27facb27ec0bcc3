import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { keepChat } from "../chats/chats.ts";
import { describe } from "../common/faults.ts";
import { chats } from "../common/member-api.ts";
import { toast } from "../common/toasts.ts";

/** Opens the direct chat with a friend. */
export function useWriteTo() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (userId: string) => chats.createChat({ userId }),
    onSuccess: (chat) => {
      keepChat(client, chat);
      return navigate(`/chats/${chat.id}`);
    },
    onError: (error) => toast(describe(error)),
  });
}
