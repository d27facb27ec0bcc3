import { Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { chats } from "../../lib/clients.ts";
import { newIdempotencyKey } from "../../lib/idempotency-key.ts";
import { t } from "../../lib/messages.ts";
import { useNavigate } from "../../lib/routing/router-contexts.ts";
import { FriendPicker } from "../../people/components/friend-picker.tsx";
import { friendsQuery } from "../../people/relation-queries.ts";
import { BackLink } from "../../ui/back-link.tsx";
import { Button, LinkButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { TextField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { useDraftForm } from "../../ui/forms/use-draft-form.ts";
import { Heading } from "../../ui/heading.tsx";
import { cacheChat } from "../chat-cache.ts";

/** Opens a direct chat with one friend, or a group with several. */
export function NewChatPage() {
  const { data: friends } = useInfiniteQuery(friendsQuery(State.CONFIRMED));
  return (
    <div className="h-full overflow-y-auto px-4 pt-5 pb-10 md:px-8">
      <div className="md:hidden">
        <BackLink to="/chats">{t("chat.backToChats")}</BackLink>
      </div>
      <Heading title={t("chat.newChat.title")} className="mb-5 text-2xl font-bold" />
      {friends?.length === 0 ? (
        <EmptyState title={t("chat.newChat.noFriends")}>
          <LinkButton to="/friends" variant="primary" className="mt-2">
            {t("chat.newChat.findFriends")}
          </LinkButton>
        </EmptyState>
      ) : (
        <NewChat />
      )}
    </div>
  );
}

function NewChat() {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const { form, clear } = useDraftForm("chat.new", { title: "" });
  const client = useQueryClient();
  const navigate = useNavigate();
  const key = useRef(newIdempotencyKey());
  const isGroup = chosen.length > 1;
  const open = async ({ title }: { title: string }) => {
    if (isGroup && title.trim() === "") {
      form.setError(
        "title",
        { message: t("chat.newChat.groupNameMissing") },
        { shouldFocus: true },
      );
      return;
    }
    const [userId = ""] = chosen;
    const chat = await chats.createChat(
      isGroup ? { title, memberIds: [...chosen], idempotencyKey: key.current } : { userId },
    );
    clear();
    cacheChat(client, chat);
    await navigate(`/chats/${chat.id}`);
  };
  return (
    <Form form={form} onSubmit={open} className="max-w-xl space-y-5">
      <FriendPicker
        selectedIds={chosen}
        onChange={(userIds) => {
          setChosen(userIds);
          // A group with other members is another request.
          key.current = newIdempotencyKey();
        }}
      />
      {isGroup && (
        <div className="rise">
          <TextField
            form={form}
            name="title"
            label={t("chat.newChat.groupName")}
            limit={100}
            autoComplete="off"
          />
        </div>
      )}
      <Button
        type="submit"
        variant="primary"
        busy={form.formState.isSubmitting}
        disabled={chosen.length === 0}
      >
        {isGroup
          ? t("chat.newChat.createGroup", { count: chosen.length + 1 })
          : t("chat.newChat.open")}
      </Button>
    </Form>
  );
}
