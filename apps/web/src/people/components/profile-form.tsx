import type { User } from "@plaza/contract/users/v1/users";
import { type UseFormReturn, useForm } from "react-hook-form";
import { users } from "../../lib/clients.ts";
import { Button } from "../../ui/button.tsx";
import { TextAreaField, TextField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";

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

type ProfileFormProps = { user: User; onSaved: (user: User) => Promise<void> };

/** Edits the member's own profile, or for admins any. Sends changed fields only. */
export function ProfileForm({ user, onSaved }: ProfileFormProps) {
  const form = useForm<ProfileValues>({ defaultValues: toProfileValues(user) });
  const { dirtyFields, isDirty, isSubmitting } = form.formState;
  const save = async (values: ProfileValues) => {
    const paths = (Object.keys(dirtyFields) as ProfileField[]).map((field) => pathByField[field]);
    const saved = await users.updateUser({
      user: { id: user.id, ...values },
      updateMask: { paths },
    });
    form.reset(toProfileValues(saved));
    await onSaved(saved);
  };
  return (
    <Form form={form} onSubmit={save}>
      <TextField form={form} name="nickname" label="Nickname" autoComplete="nickname" />
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField form={form} name="firstName" label="First name" autoComplete="given-name" />
        <TextField form={form} name="lastName" label="Last name" autoComplete="family-name" />
      </div>
      <TextAreaField
        form={form}
        name="about"
        label="About"
        rows={4}
        hint="A few words, as plain text."
      />
      <ContactFields form={form} />
      <Button type="submit" variant="primary" busy={isSubmitting} disabled={!isDirty}>
        Save
      </Button>
    </Form>
  );
}

function ContactFields({ form }: { form: UseFormReturn<ProfileValues> }) {
  return (
    <>
      <TextField
        form={form}
        name="avatarUrl"
        label="Picture"
        type="url"
        inputMode="url"
        placeholder="https://"
        hint="The address of a square picture. Without one, your initials are shown."
      />
      <TextField form={form} name="phone" label="Phone" type="tel" autoComplete="tel" />
      <TextAreaField
        form={form}
        name="address"
        label="Address"
        rows={3}
        autoComplete="street-address"
      />
    </>
  );
}

function toProfileValues(user: User): ProfileValues {
  const { nickname, firstName, lastName, about, avatarUrl, phone, address } = user;
  return { nickname, firstName, lastName, about, avatarUrl, phone, address };
}
