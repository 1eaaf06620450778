import { describe, expect, it } from "vitest";
import { themeFor } from "../../src/page/colour";
import { confidenceText, headlineText } from "../../src/state/headline";
import { action, frame, hello, prediction, RELEVANCE, relevance, stream } from "../builders";
import { live } from "./live_screen";

const THEME = themeFor(true);

describe("LiveScreen", () => {
  it("shows that nobody is in view, then maybe an action, then the action", () => {
    const { screen, state } = live();
    expect(screen.panel(THEME).headline.kind).toBe("waiting");
    state.apply(frame(1, []));
    expect(screen.panel(THEME).headline.kind).toBe("nobody");
    state.apply(frame(2, [7]));
    state.apply(prediction(2, [7], [0.5, 0.4, 0.1, 0]));
    expect(screen.panel(THEME).headline.kind).toBe("nothing");
    state.apply(prediction(2, [7], [0.4, 0.5, 0.1, 0]));
    expect(screen.panel(THEME).headline).toMatchObject({
      kind: "maybe",
      label: "wave",
      confidence: 0.5,
    });
    state.apply(action("start", "wave", 2, 2));
    expect(screen.panel(THEME).headline).toMatchObject({ kind: "action", label: "wave" });
  });

  it("shows that there is no prediction yet", () => {
    const { screen, state } = live();
    state.apply(frame(1, [7, 8]));
    expect(screen.panel(THEME)).toMatchObject({ headline: { kind: "early" }, bars: [] });
    expect(headlineText(screen.panel(THEME).headline)).toBe("No prediction yet");
    expect(screen.bodies(THEME)[1]?.tag).toBe("");
    state.apply(action("start", "wave", 1, 1, [7]));
    expect(screen.panel(THEME).headline.label).toBe("wave");
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
    expect(screen.bodies(THEME).map((body) => body.number)).toEqual(["7", "8"]);
    screen.choose("8");
    expect(screen.panel(THEME).headline.label).toBe("clap");
  });

  it("shows people in the order of their numbers, in colours of their own", () => {
    const { screen, state } = live();
    for (let id = 1; id <= 9; id += 1) state.apply(frame(id, [id]));
    state.apply(frame(10, [12, 3, 10, 9]));
    const { choices } = screen.panel(THEME);
    expect(choices.map(({ number }) => number)).toEqual(["3", "9", "10", "12"]);
    expect(new Set(choices.map(({ colour }) => colour)).size).toBe(4);
    expect([...screen.axis(0).lanes]).toEqual([
      ["3", 0],
      ["9", 1],
      ["10", 2],
      ["12", 3],
    ]);
  });

  it("numbers people, and gives no tag to those without a known action", () => {
    const { screen, state } = live();
    state.apply(frame(1, [7, 123456789]));
    state.apply(prediction(1, [7], [1, 0, 0, 0]));
    const [first, second] = screen.bodies(THEME);
    expect([first?.tag, first?.number, second?.number]).toEqual(["", "7", "2"]);
    expect(screen.panel(THEME).choices.map((one) => one.number)).toEqual(["7", "2"]);
    state.apply(frame(2, [7]));
    expect(screen.bodies(THEME)[0]?.number).toBe("");
  });

  it("shows the joints that the model uses in the heat map, top of the body first", () => {
    const { screen, state } = live();
    state.apply(frame(1, [7]));
    state.apply(prediction(1, [7], [0, 1, 0, 0]));
    state.apply(relevance(1, [7], RELEVANCE));
    const { heatmap, heatSum, heatNumbers } = screen.panel(THEME);
    expect(heatmap?.joints).toEqual(["Head", "SpineBase"]);
    expect(heatmap?.rows).toEqual([
      [0.5, 1],
      [0.2, 0.3],
    ]);
    expect(heatSum).toBe("All joints together: +2.00 (exact)");
    expect(heatNumbers).toContain("logit 3.00 − reference 1.00");
  });

  it("shows an explanation until it is too old or the person is gone", () => {
    const { screen, state } = live();
    state.apply(frame(1, [7]));
    state.apply(relevance(1, [7], RELEVANCE)); // ignored: this body is unknown
    expect(screen.panel(THEME)).toMatchObject({
      heatmap: { totals: [0, 0] },
      heatNote: "The first explanation follows the first prediction.",
    });
    state.apply(prediction(1, [7], [0, 1, 0, 0]));
    const before = screen.version();
    expect(screen.bodies(THEME)[0]).toMatchObject({ relevance: null, strength: 0 });
    state.apply(relevance(1, [7], RELEVANCE));
    expect(screen.version()).not.toBe(before);
    expect(screen.bodies(THEME)[0]).toMatchObject({ relevance: [0.5, 1.5, 0], strength: 1 });
    expect(screen.panel(THEME)).toMatchObject({
      heatTitle: "wave",
      heatNote: "",
      heatmap: { end: "now" },
    });
    state.apply(prediction(2, [7], [0, 1, 0, 0]));
    expect(screen.bodies(THEME)[0]).toMatchObject({ relevance: [0.5, 1.5, 0], strength: 1 });
    expect(screen.panel(THEME).heatmap).toMatchObject({ start: "1.3 s ago", end: "1.0 s ago" });
    state.apply(prediction(3, [7], [0, 1, 0, 0]));
    expect(screen.bodies(THEME)[0]).toMatchObject({ relevance: null, strength: 0 });
    expect(screen.panel(THEME)).toMatchObject({
      heatTitle: "wave",
      heatNote: "The explanation of “wave” follows.",
      heatSum: "",
      heatmap: { totals: [0, 0] },
    });
    state.apply(relevance(3, [7], RELEVANCE));
    state.apply(frame(4, []));
    expect(screen.panel(THEME).heatNote).toBe("Nobody is in view.");
  });

  it("speaks of the same label everywhere", () => {
    const { screen, state } = live();
    const clap = { ...RELEVANCE, label: "clap", joints: [9, 9, 9] };
    state.apply(frame(1, [7]));
    state.apply(action("start", "wave", 1, 1));
    state.apply(prediction(1, [7], [0, 0.4, 0.6, 0]));
    state.apply(relevance(1, [7], RELEVANCE));
    state.apply(relevance(1, [7], clap));
    const shown = () => {
      const { headline, bars, heatTitle, heatmap } = screen.panel(THEME);
      return [headline.label, bars[0]?.label, heatTitle, heatmap?.totals];
    };
    expect(shown()).toEqual(["wave", "wave", "wave", [1.5, 0.5]]);
    state.apply(action("end", "wave", 1, 1));
    expect(shown()).toEqual(["clap", "clap", "clap", [9, 9]]);
    expect(headlineText(screen.panel(THEME).headline)).toBe("Maybe clap (60\u00a0%)");
    expect(confidenceText(screen.panel(THEME).headline)).toBe("Last: wave, just now");
    state.apply(prediction(1.1, [7], [0.6, 0, 0.4, 0]));
    expect(shown()).toEqual([null, "background", "no known action", [0, 0]]);
    expect(screen.bodies(THEME)[0]?.relevance).toBeNull();
  });

  it("shows that a camera is lost, the note, and nobody, until it is back", () => {
    const { screen, state } = live();
    state.apply(frame(1, [7]));
    state.apply(prediction(1, [7], [0, 1, 0, 0]));
    const note = "the cable is out; plug it in";
    const before = screen.version();
    state.apply({ type: "status", stream: stream("demo", { state: "lost", note }), at_ns: 0 });
    expect(screen.version()).not.toBe(before);
    expect(screen.panel(THEME)).toMatchObject({ headline: { kind: "lost" }, note });
    expect(screen.panel(THEME).heatNote).toBe("No explanation while the stream is lost.");
    expect(headlineText(screen.panel(THEME).headline)).toBe("Lost, trying again");
    expect(screen.bodies(THEME)).toEqual([]);
    state.apply({ type: "status", stream: stream("demo"), at_ns: 0 });
    expect(screen.panel(THEME)).toMatchObject({ headline: { kind: "waiting" }, note: "" });
    state.apply(frame(2, [7]));
    state.apply(prediction(2, [7], [1, 0, 0, 0]));
    expect(screen.panel(THEME).headline.kind).toBe("nothing");
  });

  it.each(["failed", "ended"] as const)("shows that the stream has %s", (what) => {
    const { screen, state } = live();
    state.apply(frame(1, [7]));
    state.apply({ type: "status", stream: stream("demo", { state: what }), at_ns: 0 });
    expect(headlineText(screen.panel(THEME).headline)).toBe(`This stream has ${what}`);
    expect(screen.bodies(THEME)).toEqual([]);
  });

  it("keeps the people and stops the time when the connection is lost", () => {
    const { screen, state } = live();
    state.apply(frame(5, [7, 8]));
    state.apply(action("start", "wave", 4, 5));
    state.apply(prediction(5, [7], [0, 1, 0, 0]));
    screen.connected = false;
    screen.lost = true;
    state.disconnect();
    expect(screen.panel(THEME)).toMatchObject({ headline: { kind: "disconnected" }, bars: [] });
    expect(screen.bodies(THEME).map((body) => body.tag)).toEqual(["", ""]);
    const axis = screen.axis(90_000);
    expect([axis.endNs, axis.bands.length, axis.samples.length]).toEqual([5e9, 1, 1]);
    expect(axis.originText).toBe("lost");
    state.apply(hello());
    [screen.connected, screen.lost] = [true, false];
    expect(screen.panel(THEME).headline.kind).toBe("waiting");
    expect(screen.bodies(THEME)).toEqual([]);
    state.apply(frame(6, [7]));
    expect(screen.panel(THEME).headline.kind).toBe("early");
    expect(screen.axis(0).samples).toHaveLength(1);
    expect(screen.axis(0).originText).toBe("now");
  });

  it("keeps the last action of the person for a minute", () => {
    const { screen, state } = live();
    state.apply(frame(1, [7]));
    state.apply(action("start", "wave", 1, 1));
    state.apply(prediction(1, [7], [1, 0, 0, 0]));
    state.apply(action("end", "wave", 1, 2));
    state.apply(frame(5.5, [7]));
    state.apply(prediction(5.5, [7], [1, 0, 0, 0]));
    expect(screen.panel(THEME).headline.last).toEqual({ label: "wave", agoS: 3.5 });
    expect(screen.panel(THEME)).toMatchObject({ heatTitle: "no known action" });
    state.apply(frame(6, [8]));
    state.apply(prediction(6, [8], [1, 0, 0, 0]));
    expect(screen.panel(THEME).headline.last).toBeUndefined();
    for (let s = 6; s < 64; s += 0.5) state.apply(frame(s, [7]));
    state.apply(prediction(64, [7], [1, 0, 0, 0]));
    expect(screen.panel(THEME).headline.last).toBeUndefined();
  });

  it("waits when the first connection is not open yet", () => {
    const { screen } = live();
    screen.connected = false;
    expect(screen.panel(THEME).headline.kind).toBe("waiting");
  });

  it("does not show what it knew of a person before they left", () => {
    const { screen, state } = live();
    state.apply(frame(1, [7]));
    state.apply(prediction(1, [7], [0, 1, 0, 0]));
    state.apply(frame(1.2, []));
    state.apply(frame(1.4, [7]));
    expect(screen.panel(THEME).headline.kind).toBe("maybe");
    state.apply(frame(9, [7]));
    expect(screen.panel(THEME).headline.kind).toBe("early");
  });
});
