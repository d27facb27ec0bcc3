import { LinkButton } from "./button.tsx";
import { Heading } from "./heading.tsx";
import { HeroArt } from "./hero-art.tsx";

export function NotFoundPage() {
  return (
    <div className="flex flex-col items-center gap-5 py-12 text-center">
      <HeroArt className="h-32 w-80 max-w-full overflow-hidden rounded-lg" />
      <Heading title="Nothing on this corner" />
      <p className="max-w-sm text-soft">The page does not exist, or what it showed was deleted.</p>
      <LinkButton to="/" variant="primary">
        Back to the posts
      </LinkButton>
    </div>
  );
}
