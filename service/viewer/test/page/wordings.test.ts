/** The page and the command line use the same words: tests/models/test_wording.py reads this too. */

import { expect, test } from "vitest";
import { joinedShares, jointName, labelText, percent } from "../../src/page/wording";
import wordings from "./wordings.json";

const plain = (text: string): string => text.replaceAll("\u00a0", " ");

test.each(Object.entries(wordings.labels))("the label %s is %s", (label, text) => {
  expect(labelText(label, wordings.background)).toBe(text);
});

test.each(Object.entries(wordings.joints))("the joint %s is %s", (joint, text) => {
  expect(jointName(joint)).toBe(text);
});

test.each(wordings.percents as [number, string][])("the share %d is %s", (share, text) => {
  expect(plain(percent(share))).toBe(text);
});

test("joints are named with their shares", () => {
  const [shares, text] = wordings.shares as [[string, number][], string];
  expect(plain(joinedShares(shares.map(([joint, share]) => ({ joint, share }))))).toBe(text);
});
