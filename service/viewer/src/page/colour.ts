/** The colours of everything drawn. Safe for colour-blind readers: orange for, blue against. */

/** Red, green and blue, 0–255. */
export type Rgb = readonly [number, number, number];

/** The colours in dark or in light mode. */
export interface Theme {
  dark: boolean;
  /** Relevance of 0. */
  neutral: Rgb;
  /** Relevance for the label. */
  for: Rgb;
  /** Relevance against the label. */
  against: Rgb;
  bone: Rgb;
  text: string;
  faint: string;
  line: string;
  /** Hex colours of people: bodies, tags and bands. */
  bodies: readonly string[];
  /** Hex colours of classes in the plot. No person has one of them. */
  lines: readonly string[];
}

// The palette of Okabe and Ito (Color Universal Design, 2008), a little lighter in dark mode.
const LIGHT: Theme = {
  dark: false,
  neutral: [234, 237, 241],
  for: [214, 94, 0],
  against: [0, 96, 168],
  bone: [186, 197, 210],
  text: "#17202b",
  faint: "#5b6776",
  line: "#d9dfe6",
  bodies: ["#0072b2", "#009e73", "#b5558a", "#a06a00", "#4a5fc1", "#c4500c"],
  lines: ["#17202b", "#a3142e", "#6c7a00", "#7d3cc0"],
};

const DARK: Theme = {
  dark: true,
  neutral: [30, 37, 46],
  for: [255, 159, 46],
  against: [72, 160, 245],
  bone: [150, 164, 182],
  text: "#e8edf3",
  faint: "#94a1b1",
  line: "#2a333e",
  bodies: ["#56b4e9", "#2fc79b", "#e08fc0", "#e6b422", "#9aa8ff", "#ff8f5a"],
  lines: ["#e8edf3", "#ff7385", "#c6d94f", "#c08cff"],
};

/** The theme of dark or light mode. */
export const themeFor = (dark: boolean): Theme => (dark ? DARK : LIGHT);

/** The number of people with colours of their own. */
export const BODY_COLOURS = LIGHT.bodies.length;

/** The hex colour of a person, by the index of the body. */
export function bodyColour(theme: Theme, index: number): string {
  return theme.bodies[index % theme.bodies.length]!;
}

/** Mixes two colours: `share` 0 is `a`, 1 is `b`. */
export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const at = (k: 0 | 1 | 2) => Math.round(a[k] + (b[k] - a[k]) * share);
  return [at(0), at(1), at(2)];
}

/** The colour of a relevance in −1 … 1. Larger values are clipped, NaN is neutral. */
export function diverging(theme: Theme, value: number): Rgb {
  const held = Number.isFinite(value) ? Math.max(-1, Math.min(1, value)) : 0;
  // The exponent lifts small values, which would be invisible beside the largest.
  return mix(theme.neutral, held > 0 ? theme.for : theme.against, Math.abs(held) ** 0.75);
}

/** An RGB colour as CSS. */
export const css = (rgb: Rgb): string => `rgb(${rgb[0]} ${rgb[1]} ${rgb[2]})`;

/** The largest absolute value, at least `least`: the divisor that scales values into −1 … 1. */
export function scaleOf(values: readonly number[], least = 1e-6): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), least);
}

/** A hex colour, `#rrggbb`, as RGB. */
export function rgbOf(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
