import { expect, it } from "vitest";
import { streamHash, streamOf, whyHash, whyOf } from "../../src/page/address";

it("reads what it writes", () => {
  expect(streamOf(streamHash("hall a&b"))).toBe("hall a&b");
  expect(whyOf(whyHash("a:b/c:7:170900000000"))).toBe("a:b/c:7:170900000000");
});

it("finds the stream of an action", () => {
  expect(streamOf(whyHash("a:b/c:7:1709"))).toBe("a:b/c");
  expect(streamOf("#why=nonsense")).toBeNull();
});

it("names nothing without a part", () => {
  expect([streamOf(""), whyOf("#stream=demo")]).toEqual([null, null]);
});
