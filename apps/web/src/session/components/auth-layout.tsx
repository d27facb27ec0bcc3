import type { ReactNode } from "react";
import { Link, useLocation } from "react-router";
import { Heading } from "../../ui/heading.tsx";
import { HeroArt } from "../../ui/hero-art.tsx";
import { Trans } from "../../ui/trans.tsx";

type AuthLayoutProps = {
  title: string;
  /** The link to the other page. */
  alternative: { text: "session.signIn.signUp" | "session.signUp.signIn"; to: string };
  children: ReactNode;
};

/** The frame of the pages for signing in and signing up. */
export function AuthLayout({ title, alternative, children }: AuthLayoutProps) {
  const { search } = useLocation();
  return (
    <div className="mx-auto max-w-form overflow-hidden rounded-lg bg-card shadow-card">
      <HeroArt className="h-28" />
      <div className="p-6 sm:p-8">
        <Heading title={title} className="mb-6 text-2xl font-bold" />
        {children}
        <p className="mt-6 text-sm text-soft">
          <Trans
            id={alternative.text}
            values={{
              link: (text) => (
                <Link
                  to={alternative.to + search}
                  className="font-semibold text-accent hover:underline"
                >
                  {text}
                </Link>
              ),
            }}
          />
        </p>
      </div>
    </div>
  );
}
