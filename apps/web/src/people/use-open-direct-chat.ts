import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { cacheChat } from "../chat/chat-queries.ts";
import { errorMessage } from "../lib/errors.ts";
import { chats } from "../lib/member-clients.ts";
import { toast } from "../ui/toasts.ts";

/** Opens the direct chat with a friend. */
export function useOpenDirectChat() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (userId: string) => chats.createChat({ userId }),
    onSuccess: (chat) => {
      cacheChat(client, chat);
      return navigate(`/chats/${chat.id}`);
    },
    onError: (error) => toast(errorMessage(error)),
  });
}
