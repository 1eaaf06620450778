import { describe, expect, it } from "vitest";
import type { RecordingInfo } from "../../src/wire/answers";
import { recordingOf, recordView } from "../../src/panels/record_button";

function recording(name: string, more: Partial<RecordingInfo> = {}): RecordingInfo {
  const plain = { stream: "hall", bytes: 2 ** 20, note: "", seconds: 61.5, frames: 1 };
  return { name, state: "finished", ...plain, ...more };
}

const answer = (...recordings: RecordingInfo[]) => ({ enabled: true, recordings });

describe("recordView", () => {
  it("shows no button when recording is disabled or no stream is in view", () => {
    expect(recordView({ enabled: false, recordings: [] }, "hall", null, "").hidden).toBe(true);
    expect(recordView(null, "hall", null, "").hidden).toBe(true);
    expect(recordView(answer(), null, null, "").hidden).toBe(true);
    expect(recordView(answer(), "hall", null, "")).toMatchObject({ hidden: false, note: "" });
  });

  it("shows that it records, and for how long", () => {
    const view = recordView(answer(recording("a", { state: "recording" })), "hall", "a", "");
    expect(view).toMatchObject({ recording: true, label: "Stop recording", file: null });
    expect(view.note).toBe("Recording 1:01.5, 1.0 MiB");
    expect(recordView(answer(recording("a")), "door", null, "").recording).toBe(false);
  });

  it("starts no recording while a clip is in view, but can stop one", () => {
    const going = answer(recording("a", { state: "recording", stream: "the_hall" }));
    expect(recordView(answer(), "the_hall", null, "", true).hidden).toBe(true);
    expect(recordView(going, "the_hall", "a", "", true)).toMatchObject({
      hidden: false,
      label: "Stop recording the hall",
    });
  });

  it("offers the finished recording and shows why it ended", () => {
    const failed = recording("a", { state: "failed", note: "the disk is full" });
    const view = recordView(answer(failed), "hall", "a", "");
    expect(view.note).toBe("Recording failed 1:01.5, 1.0 MiB: the disk is full");
    expect(view.file).toBe("a");
  });

  it("does not mention earlier recordings", () => {
    expect(recordView(answer(recording("a")), "hall", null, "").note).toBe("");
  });

  it("shows the service's refusal", () => {
    const view = recordView(answer(recording("a")), "hall", "a", "a token is needed");
    expect(view).toMatchObject({ note: "a token is needed", file: null });
  });
});

it("prefers the recording under way to newer finished ones", () => {
  const all = answer(recording("b"), recording("a", { state: "recording" }));
  expect(recordingOf(all, "hall")?.name).toBe("a");
  expect(recordingOf(all, "door")).toBeNull();
});
