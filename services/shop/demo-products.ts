/** A product to try the shop with. Its picture is apps/web/public/demo/<picture>.svg. */
export type DemoProduct = {
  readonly picture: string;
  readonly name: string;
  readonly priceMinor: bigint;
  readonly stock: number;
  readonly maxQuantity?: number;
  readonly description: string;
};

const demoProduct = (
  picture: string,
  name: string,
  priceMinor: bigint,
  stock: number,
  description: string,
  maxQuantity = 10,
): DemoProduct => ({ picture, name, priceMinor, stock, description, maxQuantity });

/** From the oldest to the newest. */
export const demoProducts: readonly DemoProduct[] = [
  demoProduct(
    "mug",
    "Market Square mug",
    1_250n,
    40,
    "Holds **a third of a litre** and one opinion.",
  ),
  demoProduct(
    "teapot",
    "Green teapot",
    3_400n,
    6,
    "Pours without dripping. We tried it on the minutes.",
    2,
  ),
  demoProduct(
    "tote",
    "Plaza tote bag",
    900n,
    120,
    "Organic cotton, long handles, fits eleven books.",
  ),
  demoProduct(
    "honey",
    "Orchard Row honey",
    750n,
    36,
    "From the three hives behind Rose Cottage. *Set*, not runny.",
  ),
  demoProduct(
    "jam",
    "Plum jam",
    480n,
    24,
    "From the tree that leans over the wall. Made in September.",
  ),
  demoProduct(
    "cake",
    "Sunday plum cake",
    1_600n,
    4,
    "Baked by Dmitri on Sundays. Pick up, do not post.",
    1,
  ),
  demoProduct("candle", "Beeswax candle", 620n, 50, "Burns for nine hours and smells of summer."),
  demoProduct(
    "lantern",
    "Street party lantern",
    340n,
    200,
    "Paper, folds flat. Bring your own light.",
    50,
  ),
  demoProduct(
    "seeds",
    "Sunflower seeds",
    220n,
    150,
    "Grown by the garden club. Sow after the last frost.",
    20,
  ),
  demoProduct(
    "rain-gauge",
    "Rain gauge",
    1_850n,
    12,
    "Glass, with a scale. Bruno will tell you where to put it.",
  ),
  demoProduct(
    "birdhouse",
    "Birdhouse",
    2_600n,
    9,
    "Larch, unpainted. The hole is 32 mm: tits, not sparrows.",
    4,
  ),
  demoProduct("bell", "Bicycle bell", 890n, 30, "Two tones. Heard as far as Pump Lane."),
  demoProduct(
    "screwdriver",
    "The good screwdriver",
    1_100n,
    18,
    "Survived two hundred evenings of the repair café.",
  ),
  demoProduct(
    "patches",
    "Puncture kit",
    450n,
    60,
    "Six patches, glue, sandpaper, and *how to* on the lid.",
  ),
  demoProduct(
    "notebook",
    "Minutes book",
    980n,
    45,
    "A5, 160 pages, numbered, so that nothing goes missing.",
  ),
  demoProduct(
    "postcards",
    "Three postcards",
    300n,
    300,
    "The square in spring, in snow, and during the flower market.",
    30,
  ),
  demoProduct(
    "calendar",
    "Village calendar",
    1_200n,
    80,
    "Thirteen pictures by members. All bin days are in it.",
  ),
  demoProduct(
    "puzzle",
    "Puzzle of the old fire station",
    2_200n,
    14,
    "500 pieces. We counted them twice.",
    3,
  ),
  demoProduct(
    "cat-print",
    "Biscuit, a portrait",
    1_900n,
    25,
    "Print on cotton paper, signed with a paw.",
    5,
  ),
  demoProduct(
    "apron",
    "Baker's apron",
    2_450n,
    16,
    "Linen, one deep pocket. Flour comes off, plums do not.",
  ),
  demoProduct(
    "socks",
    "Striped socks",
    780n,
    55,
    "Wool, knitted on Weir Street. Sizes 36 to 45, say which.",
  ),
  demoProduct("scarf", "Mustard scarf", 3_150n, 7, "Two metres of it. Wash by hand.", 2),
  demoProduct(
    "umbrella",
    "Blue umbrella",
    2_800n,
    0,
    "For when the rain gauge is right. *More on the way.*",
  ),
  demoProduct(
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
