import { afterEach, expect, test, vi } from "vitest";
import { actionId, fetchWhy, postWhy, streamOfId } from "../../src/wire/why";
import { action } from "../builders";
import { whyAnswer } from "../why/builders";

const OPTIONS = { language: "de", against: null } as const;

function answering(body: unknown) {
  vi.stubGlobal("document", { baseURI: "http://here/" });
  const asked = vi.fn<typeof fetch>(() => Promise.resolve(Response.json(body)));
  vi.stubGlobal("fetch", asked);
  return asked;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test("the id of an action has its stream, first person and start", () => {
  const id = actionId(action("start", "wave", 2, 3, [9, 7]));
  expect(id).toBe("demo:9:2000000000");
  expect(streamOfId(id)).toBe("demo");
});

test("asks about a live action in the reader's language", async () => {
  const asked = answering(whyAnswer());
  await fetchWhy("hall/a:7:5", { ...OPTIONS, against: "sit2stand" });
  expect(asked.mock.calls[0]?.[0]).toBe(
    "http://here/actions/hall%2Fa%3A7%3A5/why?frames=true&language=de&against=sit2stand",
  );
});

test("finds an action of another person in a clip, by its start", async () => {
  const actions = [0.5, 2].map((start) => ({ label: "wave", start_s: start, end_s: 3 }));
  const other = { body: 4, actions, why: [null, whyAnswer({ label: "clap" })] };
  answering({ body: 2, actions, why: [whyAnswer(), null], others: [other] });
  const file = new File(["x"], "a.csv");
  expect((await postWhy(file, 4, 2, OPTIONS)).label).toBe("clap");
  await expect(postWhy(file, 2, 2, OPTIONS)).rejects.toThrow("cannot be explained");
});
