import { useQueryClient } from "@tanstack/react-query";
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
      <Heading title="Profile" className="mb-1 text-2xl font-bold" />
      <p className="mb-6 text-soft">What others see of you. Only the nickname is needed.</p>
      <ProfileForm
        user={session.user}
        onSaved={async (user) => {
          await cacheProfile(client, user);
          toast("Your profile is saved.");
        }}
      />
    </>
  );
}
