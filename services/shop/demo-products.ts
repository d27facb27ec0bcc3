/** A product to try the shop with. Its picture is apps/web/public/demo/<picture>.svg. */
export type DemoProduct = {
  readonly picture: string;
  readonly name: string;
  readonly priceMinor: bigint;
  readonly stock: number;
  readonly maxQuantity?: number;
  readonly description: string;
};

const p = (
  picture: string,
  name: string,
  priceMinor: bigint,
  stock: number,
  description: string,
  maxQuantity = 10,
): DemoProduct => ({ picture, name, priceMinor, stock, description, maxQuantity });

/** From the oldest to the newest. */
export const demoProducts: readonly DemoProduct[] = [
  p("mug", "Market Square mug", 1_250n, 40, "Holds **a third of a litre** and one opinion."),
  p("teapot", "Green teapot", 3_400n, 6, "Pours without dripping. We tried it on the minutes.", 2),
  p("tote", "Plaza tote bag", 900n, 120, "Organic cotton, long handles, fits eleven books."),
  p(
    "honey",
    "Orchard Row honey",
    750n,
    36,
    "From the three hives behind Rose Cottage. *Set*, not runny.",
  ),
  p("jam", "Plum jam", 480n, 24, "From the tree that leans over the wall. Made in September."),
  p("cake", "Sunday plum cake", 1_600n, 4, "Baked by Dmitri on Sundays. Pick up, do not post.", 1),
  p("candle", "Beeswax candle", 620n, 50, "Burns for nine hours and smells of summer."),
  p("lantern", "Street party lantern", 340n, 200, "Paper, folds flat. Bring your own light.", 50),
  p(
    "seeds",
    "Sunflower seeds",
    220n,
    150,
    "Grown by the garden club. Sow after the last frost.",
    20,
  ),
  p(
    "rain-gauge",
    "Rain gauge",
    1_850n,
    12,
    "Glass, with a scale. Bruno will tell you where to put it.",
  ),
  p(
    "birdhouse",
    "Birdhouse",
    2_600n,
    9,
    "Larch, unpainted. The hole is 32 mm: tits, not sparrows.",
    4,
  ),
  p("bell", "Bicycle bell", 890n, 30, "Two tones. Heard as far as Pump Lane."),
  p(
    "screwdriver",
    "The good screwdriver",
    1_100n,
    18,
    "Survived two hundred evenings of the repair café.",
  ),
  p("patches", "Puncture kit", 450n, 60, "Six patches, glue, sandpaper, and *how to* on the lid."),
  p("notebook", "Minutes book", 980n, 45, "A5, 160 pages, numbered, so that nothing goes missing."),
  p(
    "postcards",
    "Three postcards",
    300n,
    300,
    "The square in spring, in snow, and during the flower market.",
    30,
  ),
  p(
    "calendar",
    "Village calendar",
    1_200n,
    80,
    "Thirteen pictures by members. All bin days are in it.",
  ),
  p(
    "puzzle",
    "Puzzle of the old fire station",
    2_200n,
    14,
    "500 pieces. We counted them twice.",
    3,
  ),
  p("cat-print", "Biscuit, a portrait", 1_900n, 25, "Print on cotton paper, signed with a paw.", 5),
  p("apron", "Baker's apron", 2_450n, 16, "Linen, one deep pocket. Flour comes off, plums do not."),
  p("socks", "Striped socks", 780n, 55, "Wool, knitted on Weir Street. Sizes 36 to 45, say which."),
  p("scarf", "Mustard scarf", 3_150n, 7, "Two metres of it. Wash by hand.", 2),
  p("umbrella", "Blue umbrella", 2_800n, 0, "For when the rain gauge is right. *More on the way.*"),
  p(
    "apples",
    "Crate of apples",
    1_450n,
    11,
    "Ten kilos, three sorts, this year's. Pick up by Friday.",
    3,
  ),
];

/** What the demo accounts, by nickname, have in their carts: quantities by picture. */
export const demoCarts: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ada: { notebook: 2, teapot: 1 },
  bruno: { "rain-gauge": 1, screwdriver: 1, patches: 3 },
  clara: { seeds: 5, "cat-print": 1, honey: 2 },
  dmitri: { apples: 2, jam: 4, apron: 1 },
};
