import { SessionKind } from "@plaza/contract/auth/v1/auth";
import { useQueryClient } from "@tanstack/react-query";
import { type UseFormReturn, useForm } from "react-hook-form";
import { Navigate, useLocation } from "react-router";
import { auth } from "../../lib/clients.ts";
import { Button } from "../../ui/button.tsx";
import { PasswordField, TextField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { toast } from "../../ui/toasts.ts";
import { AuthLayout } from "../components/auth-layout.tsx";
import { nextPath } from "../next-path.ts";
import { startSession, useSession } from "../session.ts";

const emptyForm = { email: "", nickname: "", password: "" };

export function SignUpPage() {
  const form = useForm({ defaultValues: emptyForm });
  const client = useQueryClient();
  const { search } = useLocation();
  const isSignedIn = useSession() !== null;
  if (isSignedIn) return <Navigate to={nextPath(search)} replace />;

  const signUp = async ({ email, nickname, password }: typeof emptyForm) => {
    await auth.register({
      email: email.trim(),
      nickname: nickname.trim(),
      password,
      session: SessionKind.COOKIE,
    });
    await startSession(client);
    toast(`Welcome to Plaza, ${nickname.trim()}.`);
  };
  return (
    <AuthLayout
      title="Sign up"
      alternative={{ question: "Already a member?", to: "/sign-in", name: "Sign in" }}
    >
      <Form form={form} onSubmit={signUp}>
        <SignUpFields form={form} />
        <Button
          type="submit"
          variant="primary"
          className="w-full"
          busy={form.formState.isSubmitting}
        >
          Create account
        </Button>
      </Form>
    </AuthLayout>
  );
}

function SignUpFields({ form }: { form: UseFormReturn<typeof emptyForm> }) {
  return (
    <>
      <TextField
        form={form}
        name="email"
        label="E-mail"
        type="email"
        autoComplete="username"
        hint="Never shown to other members."
      />
      <TextField
        form={form}
        name="nickname"
        label="Nickname"
        autoComplete="nickname"
        autoCapitalize="none"
        spellCheck={false}
        hint="Your public name: 3 to 25 letters, digits or underscores."
      />
      <PasswordField
        form={form}
        name="password"
        label="Password"
        autoComplete="new-password"
        hint="At least 8 characters. A sentence is easy to remember and hard to guess."
      />
    </>
  );
}
