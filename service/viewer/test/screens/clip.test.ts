import { describe, expect, it } from "vitest";
import type { BodyTimeline, ClipAnswer } from "../../src/wire/answers";
import { themeFor } from "../../src/page/colour";
import { headlineText, noBarsText, tagText } from "../../src/state/headline";
import { ClipScreen } from "../../src/screens/clip";
import { hello, LABELS } from "../builders";

const THEME = themeFor(true);

const CLIP: ClipAnswer = {
  name: "a.csv",
  format: "kinect-v2-csv",
  layout: "kinect-v2",
  duration_s: 2,
  labels: LABELS,
  actions: [{ label: "wave", start_s: 0.5, end_s: 1, confidence: 0.9, joints: [] }],
  times_s: [0.5, 1.5],
  probabilities: [
    [0, 1, 0, 0],
    [1, 0, 0, 0],
  ],
  relevance: [
    [1, 2, 0],
    [0, 0, 0],
  ],
  relevance_labels: ["wave", "background"],
  body: 0,
  others: [],
  frames: {
    rate_hz: 1,
    start_s: 0,
    joints_m: [[[0, 0, 0]], [[1, 0, 0]]],
    confidence: [[1], [1]],
  },
};

describe("ClipScreen", () => {
  it("shows the state at the playhead", () => {
    const screen = new ClipScreen(CLIP, hello());
    screen.player.seek(0.75);
    expect(screen.panel(THEME).headline).toMatchObject({
      kind: "action",
      label: "wave",
      confidence: 1,
    });
    expect(screen.bodies(THEME)[0]?.joints[0]).toEqual([0.75, 0, 0]);
    screen.player.seek(1.8);
    expect(screen.panel(THEME).headline.kind).toBe("nothing");
  });

  it("speaks of the same label everywhere", () => {
    const clip = { ...CLIP, probabilities: [[0, 0.4, 0.6, 0], CLIP.probabilities[1]!] };
    const screen = new ClipScreen({ ...clip, relevance_labels: ["clap", "background"] }, hello());
    screen.player.seek(0.75);
    const { bars, heatTitle, heatmap } = screen.panel(THEME);
    expect([bars[0]?.label, heatTitle, heatmap?.totals]).toEqual(["wave", "wave", [0, 0]]);
    expect(screen.bodies(THEME)[0]?.relevance).toBeNull();
    screen.player.seek(1.8);
    expect(screen.panel(THEME).heatTitle).toBe("no known action");
  });
});

it("calls a clip without predictions too short", () => {
  const nothing = { actions: [], times_s: [], probabilities: [], relevance: [] };
  const screen = new ClipScreen({ ...CLIP, ...nothing, relevance_labels: [] }, hello());
  const { headline, bars, heatSum } = screen.panel(THEME);
  expect([headlineText(headline), tagText(headline)]).toEqual([
    "Too short to tell",
    "too short to tell",
  ]);
  expect([bars, heatSum, noBarsText(headline)]).toEqual([[], "", "Too short to tell"]);
});

it("shows every body of a clip from its own first frame", () => {
  const other = {
    body: 4,
    actions: [],
    times_s: [1.2],
    probabilities: [[0, 0, 1, 0]],
    relevance: [[0, 0, 0]],
    relevance_labels: ["clap"],
    frames: {
      rate_hz: 1,
      start_s: 1,
      joints_m: [[[5, 0, 0]], [[6, 0, 0]]],
      confidence: [[1], [0]],
    },
  } satisfies BodyTimeline;
  const screen = new ClipScreen({ ...CLIP, others: [other] }, hello());
  screen.player.seek(1.5);
  expect(screen.bodies(THEME).map((body) => body.joints[0]?.[0])).toEqual([1, 5]);
  screen.choose("clip 4");
  expect(screen.panel(THEME).bars[0]?.label).toBe("clap");
  screen.player.seek(2);
  expect(screen.panel(THEME).headline.kind).toBe("nobody");
});
