import { describe, expect, it } from "vitest";
import { css, diverging, mix, scaleOf, themeFor } from "../../src/page/colour";

describe.each([true, false])("diverging (dark %s)", (dark) => {
  const theme = themeFor(dark);

  it("is neutral at zero and at NaN", () => {
    expect(diverging(theme, 0)).toEqual(theme.neutral);
    expect(diverging(theme, Number.NaN)).toEqual(theme.neutral);
  });

  it("clips larger values", () => {
    expect(diverging(theme, 1)).toEqual(theme.for);
    expect(diverging(theme, 40)).toEqual(theme.for);
    expect(diverging(theme, -40)).toEqual(theme.against);
  });

  it("is more red for the label and more blue against it", () => {
    const [red, , blue] = diverging(theme, 0.5);
    expect(red).toBeGreaterThan(blue);
    const against = diverging(theme, -0.5);
    expect(against[2]).toBeGreaterThan(against[0]);
  });
});

it("scales by the largest absolute value, never by zero", () => {
  expect(scaleOf([0.5, -2])).toBe(2);
  expect(scaleOf([], 0.3)).toBe(0.3);
  expect(scaleOf([Number.NaN], 0.3)).toBe(0.3);
});

it("mixes and writes colours", () => {
  expect(css(mix([0, 0, 0], [100, 200, 50], 0.5))).toBe("rgb(50 100 25)");
});
