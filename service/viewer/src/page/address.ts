/** The part of the page's address after `#`: the stream in view, or the action that is explained. */

import { streamOfId } from "../wire/why";

const read = (hash: string, name: string) => new URLSearchParams(hash.slice(1)).get(name);

export const streamHash = (stream: string) => `#stream=${encodeURIComponent(stream)}`;

export const whyHash = (id: string) => `#why=${encodeURIComponent(id)}`;

/** The id of the action that the address asks about, or null. */
export const whyOf = (hash: string): string | null => read(hash, "why");

/** The stream that the address names, also by one of its actions, or null. */
export function streamOf(hash: string): string | null {
  const id = whyOf(hash);
  return read(hash, "stream") ?? (id === null ? null : streamOfId(id));
}
