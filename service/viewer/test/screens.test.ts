import { describe, expect, it } from "vitest";
import { ClipScreen } from "../src/clip";
import { backoffMs } from "../src/connection";
import { themeFor } from "../src/colour";
import { jointOrder, transpose } from "../src/heatmap";
import { LiveScreen, pickStream, sumLine } from "../src/live";
import type { BodyTimeline, ClipAnswer, Relevance } from "../src/messages";
import { barless, headline } from "../src/panels";
import { indexAt, Player } from "../src/player";
import { topBars } from "../src/screen";
import { LiveState, ServiceClock } from "../src/state";
import { connectionText, joinedShares, jointName, percent, readable, stagesOf } from "../src/text";
import { idle, tagOf, verdictOf } from "../src/verdict";
import { action, frame, hello, LABELS, prediction, relevance, stream } from "./builders";

const THEME = themeFor(true);
const RELEVANCE: Relevance = {
  label: "wave",
  logit: 3,
  reference: 1,
  residual: 0,
  step_frames: 4,
  joints: [0.5, 1.5, 0],
  map: [
    [0.2, 0.5, 0],
    [0.3, 1, 0],
  ],
};

function live(): { screen: LiveScreen; state: LiveState } {
  const state = new LiveState();
  state.apply(hello());
  const screen = new LiveScreen(state, new ServiceClock());
  screen.stream = "demo";
  screen.connected = true;
  return { screen, state };
}

describe("LiveScreen", () => {
  it("says who is missing, then what is unknown, then the action", () => {
    const { screen, state } = live();
    expect(screen.panel(THEME).verdict.kind).toBe("waiting");
    state.apply(frame(1, []));
    expect(screen.panel(THEME).verdict.kind).toBe("nobody");
    state.apply(frame(2, [7]));
    state.apply(prediction(2, [7], [0.5, 0.4, 0.1, 0]));
    expect(screen.panel(THEME).verdict).toMatchObject({
      kind: "nothing",
      perhaps: { label: "wave", confidence: 0.4 },
    });
    state.apply(action("start", "wave", 2, 2));
    expect(screen.panel(THEME).verdict).toMatchObject({ kind: "action", label: "wave" });
  });

  it("says that there is nothing to go by before the first prediction", () => {
    const { screen, state } = live();
    state.apply(frame(1, [7, 8]));
    expect(screen.panel(THEME)).toMatchObject({ verdict: { kind: "early" }, bars: [] });
    expect(headline(screen.panel(THEME).verdict)).toBe("No prediction yet");
    expect(screen.bodies(THEME)[1]?.tag).toBe("no prediction yet");
    state.apply(action("start", "wave", 1, 1, [7]));
    expect(screen.panel(THEME).verdict.label).toBe("wave");
  });

  it("does not mix two people's labels", () => {
    const { screen, state } = live();
    state.apply(frame(1, [7, 8]));
    state.apply(prediction(1, [7], [0, 0.9, 0.1, 0]));
    state.apply(prediction(1, [8], [0, 0.1, 0.9, 0]));
    state.apply(action("start", "wave", 1, 1, [7]));
    state.apply(action("start", "clap", 1, 1, [8]));
    const tags = screen.bodies(THEME).map((body) => body.tag);
    expect(tags).toEqual(["wave 90\u00a0%", "clap 90\u00a0%"]);
    screen.choose("8");
    expect(screen.panel(THEME).verdict.label).toBe("clap");
  });

  it("shows the heat map of the joints that the model reads, top of the body first", () => {
    const { screen, state } = live();
    state.apply(frame(1, [7]));
    state.apply(prediction(1, [7], [0, 1, 0, 0]));
    state.apply(relevance(1, [7], RELEVANCE));
    const { heatmap, heatSum } = screen.panel(THEME);
    expect(heatmap?.joints).toEqual(["Head", "SpineBase"]);
    expect(heatmap?.rows).toEqual([
      [0.5, 1],
      [0.2, 0.3],
    ]);
    expect(heatSum).toContain("= 2.00; left over 0");
  });

  it("shows relevance when it comes, until it is too old or the person is gone", () => {
    const { screen, state } = live();
    state.apply(frame(1, [7]));
    state.apply(relevance(1, [7], RELEVANCE)); // nothing is known of this body yet
    expect(screen.panel(THEME).heatmap).toBeNull();
    state.apply(prediction(1, [7], [0, 1, 0, 0]));
    const before = screen.version();
    expect(screen.bodies(THEME)[0]).toMatchObject({ relevance: null, strength: 0 });
    state.apply(relevance(1, [7], RELEVANCE));
    expect(screen.version()).not.toBe(before);
    expect(screen.bodies(THEME)[0]).toMatchObject({ relevance: [0.5, 1.5, 0], strength: 1 });
    expect(screen.panel(THEME)).toMatchObject({ heatTitle: "wave", heatmap: { end: "now" } });
    state.apply(prediction(2, [7], [0.5, 0, 0.5, 0]));
    expect(screen.bodies(THEME)[0]).toMatchObject({ relevance: [0.5, 1.5, 0], strength: 0.35 });
    expect(screen.panel(THEME).heatmap).toMatchObject({ start: "1.3 s ago", end: "1.0 s ago" });
    state.apply(prediction(3, [7], [0.5, 0, 0.5, 0]));
    expect(screen.bodies(THEME)[0]).toMatchObject({ relevance: null, strength: 0 });
    expect(screen.panel(THEME)).toMatchObject({ heatTitle: "", heatSum: "", heatmap: null });
    state.apply(relevance(3, [7], RELEVANCE));
    state.apply(frame(4, []));
    expect(screen.panel(THEME).heatmap).toBeNull();
  });

  it("says that a camera is lost and what to do, and shows nobody, until it is back", () => {
    const { screen, state } = live();
    state.apply(frame(1, [7]));
    state.apply(prediction(1, [7], [0, 1, 0, 0]));
    const note = "the cable is out; plug it in";
    const before = screen.version();
    state.apply({ type: "status", stream: stream("demo", { state: "lost", note }), at_ns: 0 });
    expect(screen.version()).not.toBe(before);
    expect(screen.panel(THEME)).toMatchObject({ verdict: { kind: "lost" }, note, heatmap: null });
    expect(headline(screen.panel(THEME).verdict)).toBe("Lost, trying again");
    expect(screen.bodies(THEME)).toEqual([]);
    state.apply({ type: "status", stream: stream("demo"), at_ns: 0 });
    expect(screen.panel(THEME)).toMatchObject({ verdict: { kind: "waiting" }, note: "" });
    state.apply(frame(2, [7]));
    state.apply(prediction(2, [7], [1, 0, 0, 0]));
    expect(screen.panel(THEME).verdict.kind).toBe("nothing");
  });

  it.each(["failed", "ended"] as const)("says that the stream has %s", (what) => {
    const { screen, state } = live();
    state.apply(frame(1, [7]));
    state.apply({ type: "status", stream: stream("demo", { state: what }), at_ns: 0 });
    expect(headline(screen.panel(THEME).verdict)).toBe(`This stream has ${what}`);
    expect(screen.bodies(THEME)).toEqual([]);
  });

  it("goes back to waiting when the connection is lost", () => {
    const { screen, state } = live();
    state.apply(frame(1, [7]));
    screen.connected = false;
    state.disconnect();
    expect(screen.panel(THEME).verdict.kind).toBe("waiting");
    expect(screen.bodies(THEME)).toEqual([]);
  });
});

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
  it("shows what holds at the playhead", () => {
    const screen = new ClipScreen(CLIP, hello());
    screen.player.seek(0.75);
    expect(screen.panel(THEME).verdict).toMatchObject({
      kind: "action",
      label: "wave",
      confidence: 1,
    });
    expect(screen.bodies(THEME)[0]?.joints[0]).toEqual([0.75, 0, 0]);
    screen.player.seek(1.8);
    expect(screen.panel(THEME).verdict.kind).toBe("nothing");
  });
});

it("says of a clip without predictions that it is too short, not that nothing is known", () => {
  const nothing = { actions: [], times_s: [], probabilities: [], relevance: [] };
  const screen = new ClipScreen({ ...CLIP, ...nothing, relevance_labels: [] }, hello());
  const { verdict, bars, heatSum } = screen.panel(THEME);
  expect([headline(verdict), tagOf(verdict)]).toEqual(["Too short to tell", "too short to tell"]);
  expect([bars, heatSum, barless(verdict)]).toEqual([[], "", "Too short to tell"]);
});

it("does not promise a prediction of a stream that is over", () => {
  expect(barless(idle("waiting"))).toBe("No prediction yet");
  expect(barless(idle("ended"))).toBe("No prediction now");
});

it("shows every body of a clip, each from its own first frame", () => {
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
  expect(screen.panel(THEME).verdict.kind).toBe("nobody");
});

describe("Player", () => {
  it("stops at the end, and begins anew when played there", () => {
    const player = new Player(1, false);
    player.pass(2);
    expect([player.timeS, player.playing]).toEqual([1, false]);
    player.toggle();
    expect([player.timeS, player.playing]).toEqual([0, true]);
  });

  it("loops", () => {
    const player = new Player(1, true);
    player.pass(1.25);
    expect(player.timeS).toBeCloseTo(0.25);
  });
});

it("finds the prediction that holds at a time", () => {
  expect([-1, 0, 0.9, 1, 9].map((t) => indexAt([0, 1, 2], t))).toEqual([0, 0, 0, 1, 2]);
  expect(indexAt([], 1)).toBe(-1);
});

it("never calls the background an action", () => {
  const band = {
    key: "7",
    label: "background",
    startNs: 0,
    endNs: null,
    confidence: 1,
    joints: [],
  };
  expect(verdictOf(band, null, LABELS, 0).kind).toBe("nothing");
});

it("ranks bars and marks the background", () => {
  const bars = topBars([0.3, 0.6, 0.1, 0], LABELS, 0, 2);
  expect(bars.map((bar) => [bar.label, bar.kind])).toEqual([
    ["wave", "class"],
    ["background", "background"],
  ]);
});

it("picks the wanted stream, else a live one", () => {
  const streams = [stream("a", { state: "lost" }), stream("b")];
  expect(pickStream(streams, "a")).toBe("a");
  expect(pickStream(streams, "gone")).toBe("b");
  expect(pickStream([], null)).toBeNull();
});

it("waits longer after each failure, up to a bound, spread by chance", () => {
  const waits = [1, 2, 3, 4, 20].map((attempt) => backoffMs(attempt, 0.5));
  expect(waits).toEqual([400, 800, 1600, 3200, 8000]);
  expect(backoffMs(1, 0)).toBeLessThan(backoffMs(1, 1));
});

it("says the connection's state", () => {
  expect(connectionText({ kind: "waiting", attempt: 1, retryAtMs: 2500 }, 1000)).toBe(
    "Connection lost, reconnecting in 2 s",
  );
  const refused = { kind: "waiting", attempt: 1, retryAtMs: 2500, refused: "A token" } as const;
  expect(connectionText(refused, 1000)).toBe("Not let in");
  expect(connectionText({ kind: "connecting", attempt: 2 }, 0)).toBe("Reconnecting…");
});

it("writes names and numbers as people read them", () => {
  expect(readable("swipe_left")).toBe("swipe left");
  expect(readable("sit2stand")).toBe("sit to stand");
  expect(jointName("HandTipLeft")).toBe("left hand tip");
  expect(percent(0.999)).toBe("99\u00a0%");
  expect(joinedShares([{ joint: "Head", share: 0.5 }])).toBe("head 50\u00a0%");
  expect(stagesOf({ model_ms: 4, total_ms: 5 }).at(-1)).toEqual(["other", 1]);
  expect(sumLine(null)).toBe("");
});

it("writes a sum that the shown numbers make", () => {
  const why = { label: "wave", logit: 4.6, reference: 4.594, residual: 0 };
  const line = sumLine({ ...why, step_frames: 4, joints: [], map: [] });
  expect(line).toContain("4.60 − 4.59 = 0.01");
});

it("orders and transposes the map", () => {
  const joints = ["HandRight", "Head", "HandLeft", "KneeLeft"];
  const order = jointOrder(joints, joints);
  expect(order.map((j) => joints[j])).toEqual(["Head", "HandLeft", "HandRight", "KneeLeft"]);
  expect(transpose([[1, 2, 3, 4]], order)).toEqual([[2], [3], [1], [4]]);
});
