import { useQueryClient } from "@tanstack/react-query";
import { t } from "../../lib/messages.ts";
import { cacheProfile, useSession } from "../../session/session.ts";
import { Heading } from "../../ui/heading.tsx";
import { toast } from "../../ui/toasts.ts";
import { ProfileForm } from "../components/profile-form.tsx";

export function EditProfilePage() {
  const session = useSession();
  const client = useQueryClient();
  if (!session) return null;
  return (
    <>
      <Heading title={t("people.editProfile.title")} className="mb-1 text-2xl font-bold" />
      <p className="mb-6 text-soft">{t("people.editProfile.explanation")}</p>
      <ProfileForm
        user={session.user}
        onSaved={async (user) => {
          await cacheProfile(client, user);
          toast(t("people.editProfile.saved"));
        }}
      />
    </>
  );
}
