import { beforeEach, describe, expect, it } from "vitest";
import { LiveState, pickStream } from "../../src/state/live_state";
import { action, frame, hello, prediction, stream } from "../builders";

let state: LiveState;
beforeEach(() => {
  state = new LiveState();
  state.apply(hello());
});

describe("LiveState", () => {
  it("takes the streams from hello and their changes from status", () => {
    expect([...state.infos.keys()]).toEqual(["demo"]);
    state.apply({ type: "status", stream: stream("demo", { state: "lost" }), at_ns: 0 });
    expect(state.infos.get("demo")?.state).toBe("lost");
  });

  it("gives each body the prediction made for it", () => {
    state.apply(frame(1, [7, 8]));
    state.apply(prediction(1, [7], [0, 1, 0, 0]));
    state.apply(prediction(1, [8], [0, 0, 1, 0]));
    const labels = state
      .view("demo")
      .present()
      .map((body) => body.prediction?.label);
    expect(labels).toEqual(["wave", "clap"]);
  });

  it("shows a body before its first prediction, and not after it has left", () => {
    state.apply(frame(1, [7]));
    expect(
      state
        .view("demo")
        .present()
        .map((body) => body.key),
    ).toEqual(["7"]);
    state.apply(frame(2, []));
    expect(state.view("demo").present()).toEqual([]);
  });

  it("keeps a body's colour when it comes back", () => {
    state.apply(frame(1, [7, 8]));
    const before = state
      .view("demo")
      .present()
      .map((body) => body.colour);
    state.disconnect();
    state.apply(frame(2, [8]));
    expect(state.view("demo").present()[0]?.colour).toBe(before[1]);
  });

  it("forgets probabilities older than a minute", () => {
    for (let s = 0; s < 200; s += 1) state.apply(prediction(s, [7], [1, 0, 0, 0]));
    const samples = state.view("demo").body([7]).samples;
    expect(samples.length).toBeLessThan(130);
    expect(samples.at(-1)?.atNs).toBe(199e9);
  });

  it("ends open actions when the connection is lost, and forgets people when it is back", () => {
    state.apply(frame(5, [7]));
    state.apply(action("start", "wave", 4, 4));
    state.disconnect();
    expect(state.view("demo").timeline.bands[0]?.endNs).toBe(5e9);
    expect(state.view("demo").present()).toHaveLength(1);
    state.apply(hello());
    expect(state.view("demo").present()).toEqual([]);
  });

  it("calls no stream live while the connection is lost", () => {
    state.list([stream("demo"), stream("film", { state: "ended" })]);
    state.disconnect();
    expect([...state.infos.values()].map((info) => info.state)).toEqual(["waiting", "ended"]);
    state.apply(hello());
    expect(state.infos.get("demo")?.state).toBe("live");
  });

  it("drops the timeline when the service was restarted", () => {
    state.apply(action("start", "wave", 4, 4));
    state.apply(hello({ wall_offset_ns: 1e15 }));
    expect(state.view("demo").timeline.bands).toEqual([]);
  });
});

it("picks the wanted stream, else a live one", () => {
  const streams = [stream("a", { state: "lost" }), stream("b")];
  expect(pickStream(streams, "a")).toBe("a");
  expect(pickStream(streams, "gone")).toBe("b");
  expect(pickStream([], null)).toBeNull();
});
