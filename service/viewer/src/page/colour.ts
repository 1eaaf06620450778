/** Colours that people with any colour vision can tell apart: orange for, blue against. */

export type Rgb = readonly [number, number, number];

export interface Theme {
  dark: boolean;
  neutral: Rgb;
  for: Rgb;
  against: Rgb;
  bone: Rgb;
  text: string;
  faint: string;
  line: string;
  /** Of people: figures, tags and bands. */
  bodies: readonly string[];
  /** Of classes in the plot: none is a person's. */
  lines: readonly string[];
}

// Okabe and Ito's palette, lightened a little on dark ground.
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

export const themeFor = (dark: boolean): Theme => (dark ? DARK : LIGHT);

export function bodyColour(theme: Theme, index: number): string {
  return theme.bodies[index % theme.bodies.length]!;
}

export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const at = (k: 0 | 1 | 2) => Math.round(a[k] + (b[k] - a[k]) * share);
  return [at(0), at(1), at(2)];
}

/** The colour of `value` in −1 … 1; beyond is held at the ends, no number is neutral. */
export function diverging(theme: Theme, value: number): Rgb {
  const held = Number.isFinite(value) ? Math.max(-1, Math.min(1, value)) : 0;
  // The root lifts small values, which would else be lost beside the largest.
  return mix(theme.neutral, held > 0 ? theme.for : theme.against, Math.abs(held) ** 0.75);
}

export const css = (rgb: Rgb): string => `rgb(${rgb[0]} ${rgb[1]} ${rgb[2]})`;

/** The largest size in `values`, at least `least`, to scale them into −1 … 1. */
export function scaleOf(values: readonly number[], least = 1e-6): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), least);
}
