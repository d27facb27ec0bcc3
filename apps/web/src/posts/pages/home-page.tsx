import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { sessionQuery } from "../../session/session.ts";
import { LinkButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { SearchField } from "../../ui/forms/search-field.tsx";
import { Heading } from "../../ui/heading.tsx";
import { HeroArt } from "../../ui/hero-art.tsx";
import { PageMeta } from "../../ui/page-meta.tsx";
import { PostList } from "../components/post-list.tsx";

export function HomePage() {
  const [params, setParams] = useSearchParams();
  const { data: session } = useQuery(sessionQuery);
  const search = params.get("q")?.trim() ?? "";
  return (
    <>
      <PageMeta
        path="/"
        title="Posts"
        description="Plaza, a town square of your own: posts by the people of your community."
      />
      {session === null && !search && <Welcome />}
      <div className="mx-auto max-w-text">
        <div className="mb-2 flex flex-wrap items-center justify-between gap-x-8 gap-y-4">
          <Heading title="Posts" />
          <div className="w-full sm:w-72">
            <SearchField
              label="Search posts"
              value={search}
              maxLength={200}
              onSearch={(q) => setParams(q ? { q } : {}, { replace: true })}
            />
          </div>
        </div>
        <PostList search={search} empty={search ? <NothingFound /> : <NothingYet />} />
      </div>
    </>
  );
}

function Welcome() {
  return (
    <section
      aria-label="Welcome"
      className="mb-12 grid overflow-hidden rounded-lg bg-card shadow-card md:grid-cols-2"
    >
      <div className="flex flex-col items-start gap-4 p-6 sm:p-9">
        <p className="text-2xl font-bold tracking-tight text-balance">
          The square is open. Come and say what you think.
        </p>
        <p className="text-soft">
          Read what your neighbours write, and write back. An account takes a minute.
        </p>
        <LinkButton to="/sign-up" variant="primary">
          Join Plaza
        </LinkButton>
      </div>
      <HeroArt className="h-36 md:h-full md:min-h-56" />
    </section>
  );
}

function NothingFound() {
  return (
    <EmptyState title="No post has these words">
      Try fewer words, or “a quoted phrase”. A word with a minus in front is left out.
    </EmptyState>
  );
}

function NothingYet() {
  return (
    <EmptyState title="Nobody has written yet">
      <LinkButton to="/write" variant="primary" className="mt-2">
        Write the first post
      </LinkButton>
    </EmptyState>
  );
}
