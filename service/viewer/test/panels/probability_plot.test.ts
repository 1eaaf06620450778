import { expect, it } from "vitest";
import { themeFor } from "../../src/page/colour";
import { SLOTS } from "../../src/panels/probability_plot";

it.each([true, false])("draws no class in the colour of a person (dark %s)", (dark) => {
  const { lines, bodies } = themeFor(dark);
  expect(lines).toHaveLength(SLOTS);
  expect(lines.filter((line) => bodies.includes(line))).toEqual([]);
});
