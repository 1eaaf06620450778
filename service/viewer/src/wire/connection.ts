/** The websocket that comes back by itself: waits a little longer after each failure. */

import { type Message, parseMessage } from "./messages";
import { ServiceError } from "./rest";

export type ConnectionState =
  | { kind: "connecting"; attempt: number }
  | { kind: "open" }
  /** `refused` is what the service said, where it was there and would not. */
  | { kind: "waiting"; attempt: number; retryAtMs: number; refused?: string };

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 8000;
const SETTLED_MS = 3000;
const OPENING_MS = 8000;

/** How long to wait before the next try; `random` in 0–1 spreads many pages apart. */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, attempt - 1));
  return full * (0.75 + 0.5 * random);
}

export interface ConnectionEvents {
  message(message: Message): void;
  state(state: ConnectionState): void;
}

export class Connection {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer = 0;
  private generation = 0;

  /** `find` answers the address to connect to, and may ask the service for it first. */
  constructor(
    private readonly find: () => Promise<string>,
    private readonly events: ConnectionEvents,
  ) {}

  /** Connect now, whatever the state: on start, for another stream, or when the user asks. */
  restart(): void {
    this.attempt = 0;
    this.connect();
  }

  /** Skip the rest of a wait, for instance when the network is back. */
  hurry(): void {
    if (this.timer) this.connect();
  }

  private connect(): void {
    const mine = this.drop();
    this.events.state({ kind: "connecting", attempt: this.attempt });
    this.find().then(
      (url) => this.open(url, mine),
      (error: unknown) => this.wait(mine, error instanceof ServiceError ? error.message : ""),
    );
  }

  private drop(): number {
    clearTimeout(this.timer);
    this.timer = 0;
    this.generation += 1;
    this.socket?.close();
    this.socket = null;
    return this.generation;
  }

  private open(url: string, mine: number): void {
    if (mine !== this.generation) return;
    const socket = new WebSocket(url);
    this.socket = socket;
    const opening = setTimeout(() => socket.close(), OPENING_MS);
    let settled = 0;
    socket.onopen = () => {
      clearTimeout(opening);
      settled = window.setTimeout(() => this.settle(mine), SETTLED_MS);
    };
    socket.onmessage = (event) => this.receive(event.data, mine);
    socket.onclose = () => {
      clearTimeout(opening);
      clearTimeout(settled);
      this.wait(mine);
    };
  }

  /** A connection that held for a while starts the next backoff from the shortest wait. */
  private settle(mine: number): void {
    if (mine === this.generation) this.attempt = 0;
  }

  private receive(data: unknown, mine: number): void {
    if (mine !== this.generation || typeof data !== "string") return;
    const message = parseMessage(data);
    if (message === null) return;
    if (message.type === "hello") this.events.state({ kind: "open" });
    this.events.message(message);
  }

  private wait(mine: number, refused = ""): void {
    if (mine !== this.generation) return;
    this.drop();
    this.attempt += 1;
    const waitMs = backoffMs(this.attempt, Math.random());
    this.events.state({
      kind: "waiting",
      attempt: this.attempt,
      retryAtMs: performance.now() + waitMs,
      ...(refused && { refused }),
    });
    this.timer = window.setTimeout(() => this.connect(), waitMs);
  }
}
