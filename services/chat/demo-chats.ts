/** A message in Markdown, and the nickname of its sender. */
type DemoMessage = readonly [nickname: string, text: string];

export const demoChats: readonly {
  /** Empty for a direct chat. */
  readonly title: string;
  /** The nicknames of the members; the first one creates the chat. */
  readonly people: readonly [string, string, ...string[]];
  readonly lines: readonly DemoMessage[];
}[] = [
  {
    title: "",
    people: ["ada", "bruno"],
    lines: [
      ["ada", "Did the new bicycle survive its first week?"],
      ["bruno", "It did. I did not: **forty kilometres**, all of them against the wind."],
      ["ada", "Shall we take the flat way along the river on Sunday, then?"],
      ["bruno", "Gladly. I bring the bread, you bring the cheese."],
    ],
  },
  {
    title: "Garden club",
    people: ["ada", "bruno", "clara"],
    lines: [
      ["clara", "The beans are up! All of them, even those that I had given up."],
      ["ada", "Then Saturday is for:\n\n- poles for the beans\n- the leaking water butt\n- cake"],
      ["bruno", "I take the water butt. Who takes the cake?"],
      ["clara", "Cake is on me. Ten o'clock, at the gate?"],
    ],
  },
];
