/** The state of the live service, built from its messages. Draws nothing. */

import type { ActionMessage, Hello, Message, StreamInfo } from "../wire/messages";
import { HISTORY_NS, StreamView } from "./stream_view";
import { bodyKey } from "./timeline";

/** A larger change of the service's wall offset than this means that the service was restarted. */
const RESTARTED_NS = 60e9;

/** All streams of the service, with the data received from each. */
export class LiveState {
  hello: Hello | null = null;
  readonly infos = new Map<string, StreamInfo>();
  private readonly views = new Map<string, StreamView>();
  private newestNs = 0;

  /** Takes one message. Error messages change nothing. */
  apply(message: Message): void {
    if (message.type === "hello") this.takeHello(message);
    else if (message.type === "status") this.takeStatus(message.stream);
    else if (message.type === "action") this.takeAction(message);
    else if (message.type === "prediction") this.view(message.stream).takePrediction(message);
    else if (message.type === "relevance") this.view(message.stream).takeRelevance(message);
    else if (message.type === "frame") {
      this.view(message.stream).takeFrame(message);
      this.newestNs = message.captured_ns;
    }
  }

  /** The state of a stream. It is created if it does not exist. */
  view(stream: string): StreamView {
    let view = this.views.get(stream);
    if (!view) {
      view = new StreamView();
      this.views.set(stream, view);
    }
    return view;
  }

  /** Fills the timelines with the service's last actions, in order of time, since `sinceNs`. */
  fill(actions: readonly ActionMessage[], sinceNs: number): void {
    const recent = actions.filter((action) => action.at_ns >= sinceNs);
    for (const stream of new Set(recent.map((action) => action.stream))) {
      this.view(stream).timeline.fill(recent.filter((action) => action.stream === stream));
    }
  }

  /** Replaces the descriptions of all streams. */
  list(streams: readonly StreamInfo[]): void {
    this.infos.clear();
    for (const info of streams) this.infos.set(info.name, info);
  }

  /** The capture time of the newest frame. */
  get lastFrameNs(): number {
    return this.newestNs;
  }

  /**
   * Handles a lost connection: ends open actions and calls no stream live. People stay where they
   * were seen last.
   */
  disconnect(): void {
    for (const view of this.views.values()) view.timeline.closeAll(this.newestNs);
    for (const info of this.infos.values()) {
      if (info.state === "live") this.infos.set(info.name, { ...info, state: "waiting" });
    }
  }

  /** Removes the people of all streams. Their history stays. */
  forgetPeople(): void {
    for (const view of this.views.values()) view.forgetPeople();
  }

  private takeHello(hello: Hello): void {
    const before = this.hello?.wall_offset_ns ?? hello.wall_offset_ns;
    // A restarted service counts its time anew, so old bands would lie at wrong places.
    if (Math.abs(before - hello.wall_offset_ns) > RESTARTED_NS) this.views.clear();
    this.hello = hello;
    // Until new frames arrive, nobody knows who is in view.
    this.forgetPeople();
    for (const info of hello.streams) this.infos.set(info.name, info);
  }

  private takeStatus(info: StreamInfo): void {
    this.infos.set(info.name, info);
    // A lost camera shows nobody, rather than the people who were there when it was lost.
    if (info.state !== "live") this.views.get(info.name)?.clear();
  }

  private takeAction(action: ActionMessage): void {
    const view = this.view(action.stream);
    view.colourOf(bodyKey(action.body_ids));
    view.timeline.apply(action);
    view.timeline.prune(action.at_ns - 2 * HISTORY_NS);
  }
}

/** Picks the stream to show: the wanted one, else the first live one, else the first. */
export function pickStream(
  streams: readonly { name: string; state: string }[],
  wanted: string | null,
): string | null {
  const named = streams.find((stream) => stream.name === wanted);
  const live = streams.find((stream) => stream.state === "live");
  return (named ?? live ?? streams[0])?.name ?? null;
}
