const archIndexes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const archWidth = 60;

/** Decoration: the sun behind the arcade of a town square. */
export function HeroArt({ className = "" }: { className?: string }) {
  return (
    <div className={className}>
      <svg
        viewBox="0 0 720 180"
        preserveAspectRatio="xMidYMax slice"
        className="size-full"
        aria-hidden
      >
        <rect width="720" height="180" className="fill-accent-wash" />
        <circle cx="360" cy="112" r="58" className="fill-sun" />
        <path d="M0 92h720v88H0z" className="fill-stone" />
        <path d="M0 84h720v8H0z" className="fill-shade" />
        {archIndexes.map((n) => (
          <path
            key={n}
            d={`M${n * archWidth + 12} 180v-42a18 18 0 0 1 36 0v42z`}
            className={n === 5 || n === 6 ? "fill-sun" : "fill-shade"}
          />
        ))}
        {archIndexes.map((n) => (
          <path key={n} d={`M${n * archWidth + 27} 100h6v10h-6z`} className="fill-shade" />
        ))}
      </svg>
    </div>
  );
}
