import { describe, expect, it } from "vitest";
import { parseMessage } from "../../src/wire/messages";
import { hello } from "../builders";

describe("parseMessage", () => {
  it("parses known types", () => {
    expect(parseMessage(JSON.stringify(hello()))?.type).toBe("hello");
  });

  it.each(["", "{", "null", "[]", '{"type":"other"}', "3"])("refuses %j", (text) => {
    expect(parseMessage(text)).toBeNull();
  });
});
