import { describe, expect, it } from "vitest";
import { themeFor } from "../../src/page/colour";
import { action, frame, prediction, RELEVANCE, relevance, stream } from "../builders";
import { live } from "./live_screen";

const THEME = themeFor(true);

describe("the lateness of labels", () => {
  it("tells how late the labels are", () => {
    const { screen, state, clock } = live();
    clock.setWallOffset(1000e9);
    state.apply(frame(100, [7]));
    expect(screen.lateS(1_107_000)).toBe(0);
    state.apply(prediction(100, [7], [0, 1, 0, 0]));
    expect(screen.lateS(1_107_000)).toBe(7);
    clock.compareWalls(1_100_000, 1_107_000, 1_107_000);
    expect(screen.lateS(1_107_000)).toBe(0);
    state.apply(frame(110, []));
    expect(screen.lateS(1_200_000)).toBe(0);
  });

  it("says of a late action how long ago it was, and shows it there", () => {
    const { screen, state, clock } = live();
    clock.follow(100e9, 0);
    clock.setWallOffset(1000e9);
    state.apply(frame(100, [7]));
    state.apply(action("start", "wave", 98, 98));
    state.apply(action("end", "wave", 98, 99));
    state.apply(prediction(100, [7], [1, 0, 0, 0]));
    expect(screen.lateS(1_101_500)).toBe(1.5);
    expect([screen.panel(THEME).headline.last?.agoS, screen.axis(0).endNs]).toEqual([1, 100e9]);
    expect(screen.lateS(1_107_000)).toBe(7);
    expect([screen.panel(THEME).headline.last?.agoS, screen.axis(0).endNs]).toEqual([8, 107e9]);
  });

  it("says of a late explanation how long ago it was", () => {
    const { screen, state, clock } = live();
    clock.setWallOffset(1000e9);
    state.apply(frame(100, [7]));
    state.apply(prediction(100, [7], [0, 1, 0, 0]));
    state.apply(relevance(100, [7], RELEVANCE));
    screen.lateS(1_100_100);
    expect(screen.panel(THEME).heatmap?.end).toBe("now");
    screen.lateS(1_107_000);
    expect(screen.panel(THEME).heatmap).toMatchObject({ start: "7.3 s ago", end: "7.0 s ago" });
  });

  it("compares a recording's labels with its frames, not with the clock", () => {
    const { screen, state } = live();
    const info = stream("demo", { kind: "replay" });
    state.apply({ type: "status", stream: info, at_ns: 0 });
    state.apply(frame(100, [7]));
    state.apply(prediction(99, [7], [0, 1, 0, 0]));
    expect(screen.lateS(1_107_000)).toBe(1);
  });
});
