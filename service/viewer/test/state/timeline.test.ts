import { describe, expect, it } from "vitest";
import { bodyKey, spanBands, Timeline } from "../../src/state/timeline";
import { action } from "../builders";

describe("Timeline", () => {
  it("makes one band from a start, its updates and its end", () => {
    const timeline = new Timeline();
    timeline.apply(action("start", "wave", 1, 1));
    timeline.apply(action("update", "wave", 1, 2));
    expect(timeline.open("7")?.label).toBe("wave");
    timeline.apply(action("end", "wave", 1, 3));
    expect(timeline.bands).toHaveLength(1);
    expect(timeline.bands[0]).toMatchObject({ startNs: 1e9, endNs: 3e9 });
    expect(timeline.open("7")).toBeNull();
  });

  it("opens a band at its true start when the start message was missed", () => {
    const timeline = new Timeline();
    timeline.apply(action("update", "wave", 1, 5));
    expect(timeline.open("7")).toMatchObject({ startNs: 1e9, endNs: null });
  });

  it("ends a band when the action ended, not when the end was decided", () => {
    const timeline = new Timeline();
    timeline.apply(action("start", "wave", 1, 1));
    timeline.apply({ ...action("end", "wave", 1, 3), ended_ns: 2.5e9 });
    expect(timeline.bands[0]).toMatchObject({ startNs: 1e9, endNs: 2.5e9 });
  });

  it("keeps the bands of bodies apart", () => {
    const timeline = new Timeline();
    timeline.apply(action("start", "wave", 1, 1, [7]));
    timeline.apply(action("start", "clap", 2, 2, [8]));
    timeline.apply(action("end", "wave", 1, 3, [7]));
    expect(timeline.bands.map((band) => band.key)).toEqual(["7", "8"]);
    expect(timeline.open("7")).toBeNull();
    expect(timeline.open("8")?.label).toBe("clap");
  });

  it("ends a band whose end was missed when the next band starts", () => {
    const timeline = new Timeline();
    timeline.apply(action("start", "wave", 1, 1));
    timeline.apply(action("start", "clap", 4, 4));
    expect(timeline.bands[0]?.endNs).toBe(4e9);
    expect(timeline.open("7")?.label).toBe("clap");
  });

  it("takes the joints that come after the start, and keeps them", () => {
    const timeline = new Timeline();
    timeline.apply({ ...action("start", "wave", 1, 1), joints: [] });
    expect(timeline.open("7")?.joints).toEqual([]);
    timeline.apply(action("update", "wave", 1, 1));
    timeline.apply({ ...action("end", "wave", 1, 3), joints: [] });
    expect(timeline.bands).toHaveLength(1);
    expect(timeline.bands[0]?.joints).toEqual([{ joint: "HandRight", share: 0.5 }]);
    expect(timeline.bands[0]?.endNs).toBe(3e9);
  });

  it("fills in what happened before the page was connected", () => {
    const timeline = new Timeline();
    timeline.apply(action("start", "wave", 1, 1));
    timeline.closeAll(1.5e9);
    timeline.apply(action("start", "jog", 8, 8));
    timeline.fill([
      action("start", "wave", 1, 1),
      action("end", "wave", 1, 3),
      action("start", "clap", 4, 4),
      action("end", "clap", 4, 5),
      action("start", "squat", 6, 6),
      action("start", "jog", 8, 8),
      action("start", "kick", 9, 9, [8]),
    ]);
    const bands = timeline.bands.map(({ label, endNs }) => [label, endNs]);
    expect(bands).toEqual([
      ["wave", 3e9],
      ["clap", 5e9],
      ["squat", 8e9],
      ["jog", null],
      ["kick", null],
    ]);
    expect(timeline.last("7")?.label).toBe("squat");
    expect(timeline.open("7")?.label).toBe("jog");
  });

  it("closes open bands and removes old ones", () => {
    const timeline = new Timeline();
    timeline.apply(action("start", "wave", 1, 1));
    timeline.closeAll(2e9);
    expect(timeline.bands[0]?.endNs).toBe(2e9);
    timeline.prune(3e9);
    expect(timeline.bands).toEqual([]);
  });
});

it("gives a pair the same key in either order", () => {
  expect(bodyKey([8, 7])).toBe(bodyKey([7, 8]));
});

it("turns a clip's actions into bands in nanoseconds", () => {
  const bands = spanBands("clip", [
    { label: "wave", start_s: 0.5, end_s: 1.5, confidence: 0.8, joints: [] },
  ]);
  expect(bands[0]).toMatchObject({ key: "clip", startNs: 5e8, endNs: 1.5e9 });
});
