import type { User } from "@plaza/contract/users/v1/users";
import type { UseFormReturn } from "react-hook-form";
import { users } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { Button } from "../../ui/button.tsx";
import type { Revision } from "../../ui/forms/conflicts.ts";
import { DraftNotice } from "../../ui/forms/draft-notice.tsx";
import { EditConflict } from "../../ui/forms/edit-conflict.tsx";
import { TextAreaField, TextField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { useDraftEdit } from "../../ui/forms/use-draft-edit.ts";

const pathByField = {
  nickname: "nickname",
  firstName: "first_name",
  lastName: "last_name",
  about: "about",
  avatarUrl: "avatar_url",
  phone: "phone",
  address: "address",
} as const;

type ProfileField = keyof typeof pathByField;
type ProfileValues = Record<ProfileField, string>;
type ProfileLabels = Readonly<Record<ProfileField, string>>;

function profileLabels(): ProfileLabels {
  return {
    nickname: t("people.profileForm.nickname"),
    firstName: t("people.profileForm.firstName"),
    lastName: t("people.profileForm.lastName"),
    about: t("people.profileForm.about"),
    avatarUrl: t("people.profileForm.avatarUrl"),
    phone: t("people.profileForm.phone"),
    address: t("people.profileForm.address"),
  };
}

type ProfileFormProps = { user: User; onSaved: (user: User) => Promise<void> };

/** Edits the member's own profile, or for admins any. Sends changed fields only. */
export function ProfileForm({ user, onSaved }: ProfileFormProps) {
  const labels = profileLabels();
  const edit = useDraftEdit<ProfileValues>({
    place: `profile.${user.id}`,
    initial: toRevision(user),
    labels,
    load: async () => toRevision(await users.getUser({ id: user.id })),
    async save(values, changed, etag) {
      const saved = await users.updateUser({
        user: { id: user.id, ...values, etag },
        updateMask: { paths: changed.map((field) => pathByField[field]) },
      });
      form.reset(toRevision(saved).values);
      await onSaved(saved);
      return toRevision(saved);
    },
  });
  const { form, conflicts, isChanged, isRestored, discard, submit } = edit;
  const { isSubmitting } = form.formState;
  return (
    <Form form={form} onSubmit={submit}>
      <DraftNotice shown={isRestored} onDiscard={discard} />
      <EditConflict form={form} conflicts={conflicts} />
      <TextField form={form} name="nickname" label={labels.nickname} autoComplete="nickname" />
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField
          form={form}
          name="firstName"
          label={labels.firstName}
          limit={100}
          autoComplete="given-name"
        />
        <TextField
          form={form}
          name="lastName"
          label={labels.lastName}
          limit={100}
          autoComplete="family-name"
        />
      </div>
      <TextAreaField
        form={form}
        name="about"
        label={labels.about}
        rows={4}
        limit={1_000}
        hint={t("people.profileForm.aboutHint")}
      />
      <ContactFields form={form} labels={labels} />
      <Button type="submit" variant="primary" busy={isSubmitting} disabled={!isChanged}>
        {t("people.profileForm.save")}
      </Button>
    </Form>
  );
}

type ContactFieldsProps = { form: UseFormReturn<ProfileValues>; labels: ProfileLabels };

function ContactFields({ form, labels }: ContactFieldsProps) {
  return (
    <>
      <TextField
        form={form}
        name="avatarUrl"
        label={labels.avatarUrl}
        type="url"
        inputMode="url"
        placeholder="https://"
        hint={t("people.profileForm.avatarUrlHint")}
      />
      <TextField form={form} name="phone" label={labels.phone} type="tel" autoComplete="tel" />
      <TextAreaField
        form={form}
        name="address"
        label={labels.address}
        rows={3}
        limit={425}
        autoComplete="street-address"
      />
    </>
  );
}

function toRevision({ etag, ...user }: User): Revision<ProfileValues> {
  const { nickname, firstName, lastName, about, avatarUrl, phone, address } = user;
  return { values: { nickname, firstName, lastName, about, avatarUrl, phone, address }, etag };
}
