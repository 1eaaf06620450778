import { expect, it } from "vitest";
import { TOKEN_NEEDED } from "../../src/wire/rest";
import {
  connectionText,
  joinedShares,
  jointName,
  percent,
  readable,
  shortened,
  stagesOf,
  wrapped,
} from "../../src/page/wording";

it("names the state of the connection", () => {
  expect(connectionText({ kind: "waiting", attempt: 1, retryAtMs: 2500 }, 1000)).toBe(
    "Connection lost, reconnecting in 2 s",
  );
  const refused = { kind: "waiting", attempt: 1, retryAtMs: 2500, refused: TOKEN_NEEDED } as const;
  expect(connectionText(refused, 1000)).toBe("Access token needed");
  expect(connectionText({ ...refused, refused: "no" }, 1000)).toBe("Refused by the service");
  expect(connectionText({ kind: "connecting", attempt: 2 }, 0)).toBe("Reconnecting…");
  expect(connectionText({ kind: "open" }, 0, 1.9)).toBe("Connected");
  expect(connectionText({ kind: "open" }, 0, 7.4)).toBe("Running 7 s late");
});

it("writes names and numbers as people read them", () => {
  expect(readable("swipe_left")).toBe("swipe left");
  expect(readable("sit2stand")).toBe("sit to stand");
  expect(jointName("HandTipLeft")).toBe("left hand tip");
  expect(percent(0.999)).toBe("99\u00a0%");
  expect(joinedShares([{ joint: "Head", share: 0.5 }])).toBe("head (50\u00a0%)");
  expect(joinedShares([{ joint: "Head", share: 0.04 }])).toBe("");
  expect(stagesOf({ model_ms: 4, total_ms: 5 }).at(-1)).toEqual(["other", 1]);
});

it("shortens to whole words, or to nothing", () => {
  const within = (most: number) => (part: string) => part.length <= most;
  expect(shortened("tennis serve", within(12))).toBe("tennis serve");
  expect(shortened("make the letter a", within(16))).toBe("make the letter…");
  expect(shortened("tennis serve", within(9))).toBe("tennis…");
  expect(shortened("tennis serve", within(3))).toBe("");
  expect(shortened("jog", within(2))).toBe("");
  expect(wrapped("make the letter a", 2, within(9))).toEqual(["make the", "letter a"]);
  expect(wrapped("make the letter a", 2, within(8))).toEqual(["make the", "letter a"]);
  expect(wrapped("make the letter a", 1, within(9))).toEqual(["make the…"]);
  expect(wrapped("basketball shoot", 2, within(9))).toEqual([""]);
  expect(wrapped("draw circle cw", 2, within(5))).toEqual(["draw…"]);
  expect(wrapped("draw circle cw", 2, within(7))).toEqual(["draw", "circle…"]);
});
