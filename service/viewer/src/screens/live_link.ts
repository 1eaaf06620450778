/** Keeps the live screen connected to the service, and to the stream that should be in view. */

import { Connection, type ConnectionState } from "../wire/connection";
import type { Message, StreamInfo } from "../wire/messages";
import { fetchStreams, websocketAddress } from "../wire/rest";
import { streamHash, streamOf } from "../page/address";
import { type LiveState, pickStream } from "../state/live_state";
import type { LiveScreen } from "./live";

/** How often the list of streams is requested. */
const LIST_MS = 5000;

export interface LiveLinkEvents {
  /** A message arrived, and the state has taken it. */
  message(message: Message): void;
  /** The connection is not open, or not open any more. */
  lost(): void;
  /** An answer gave the service's wall clock; the browser asked at `askedMs`. Unix milliseconds. */
  date(serviceMs: number, askedMs: number): void;
}

export class LiveLink {
  connectionState: ConnectionState = { kind: "connecting", attempt: 0 };
  private readonly connection = new Connection(() => this.findSocket(), {
    message: (message) => this.take(message),
    state: (state) => this.setConnection(state),
  });
  /** The stream that the user or the page's address asked for. */
  private wanted = streamOf(location.hash);

  constructor(
    private readonly state: LiveState,
    private readonly live: LiveScreen,
    private readonly events: LiveLinkEvents,
  ) {}

  get open(): boolean {
    return this.connectionState.kind === "open";
  }

  start(): void {
    window.addEventListener("online", () => this.connection.retryNow());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.connection.retryNow();
    });
    this.connection.restart();
    window.setInterval(() => void this.refreshList(), LIST_MS);
  }

  /** Shows another stream, which the page's address then names. */
  choose(stream: string): void {
    this.wanted = stream;
    history.replaceState(null, "", streamHash(stream));
    if (stream !== this.live.stream) this.connection.restart();
  }

  /** Picks the stream from the newest list. Returns the address of its messages. */
  private async findSocket(): Promise<string> {
    const streams = await this.fetchList();
    this.live.stream = pickStream(streams, this.wanted);
    return websocketAddress(this.live.stream);
  }

  private async refreshList(): Promise<void> {
    if (!this.open || document.hidden) return;
    const streams = await this.fetchList().catch(() => null);
    if (!streams) return;
    const better = pickStream(streams, this.wanted ?? this.live.stream);
    if (better !== this.live.stream) this.connection.restart();
  }

  private async fetchList(): Promise<readonly StreamInfo[]> {
    const askedMs = Date.now();
    const { streams, dateMs } = await fetchStreams();
    this.state.list(streams);
    if (dateMs !== null) this.events.date(dateMs, askedMs);
    return streams;
  }

  private take(message: Message): void {
    this.state.apply(message);
    this.events.message(message);
    if (message.type === "frame" || message.type === "prediction") {
      this.live.stream ??= message.stream;
    }
  }

  private setConnection(state: ConnectionState): void {
    this.connectionState = state;
    this.live.connected = this.open;
    // The reason of a refusal stays on the page during the next attempt.
    if (state.kind !== "connecting") {
      this.live.refused = state.kind === "waiting" ? (state.refused ?? "") : "";
    }
    this.live.lost = state.kind === "waiting" || (state.kind === "connecting" && state.attempt > 0);
    if (this.open) return;
    this.state.disconnect();
    if (!this.live.lost) this.state.forgetPeople();
    this.events.lost();
  }
}
