/** The websocket to the service. Reconnects by itself, with longer waits after each failure. */

import { type Message, parseMessage } from "./messages";
import { ServiceError } from "./rest";

export type ConnectionState =
  | { kind: "connecting"; attempt: number }
  | { kind: "open" }
  /** `refused` is the service's sentence if it answered but refused. */
  | { kind: "waiting"; attempt: number; retryAtMs: number; refused?: string };

/** The wait doubles from the first to the longest. */
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 8000;
/** A connection that lasts this long resets the wait. */
const SETTLED_MS = 3000;
/** A connection that takes longer to open is given up. */
const OPENING_MS = 8000;

/** The wait before the next attempt. `random`, 0–1, keeps many pages from retrying together. */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, attempt - 1));
  return full * (0.75 + 0.5 * random);
}

/** Receives the messages and the states of a connection. */
export interface ConnectionEvents {
  message(message: Message): void;
  state(state: ConnectionState): void;
}

/** A websocket that reconnects. Events of an older attempt, by `generation`, are ignored. */
export class Connection {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer = 0;
  private generation = 0;

  /** `find` returns the address to connect to. It is called before each attempt. */
  constructor(
    private readonly find: () => Promise<string>,
    private readonly events: ConnectionEvents,
  ) {}

  /** Connects at once, in any state: at the start, or for another stream. */
  restart(): void {
    this.attempt = 0;
    this.connect();
  }

  /** Skips the rest of a wait, for example because the network is back. */
  retryNow(): void {
    if (this.timer) this.connect();
  }

  private connect(): void {
    const generation = this.drop();
    this.events.state({ kind: "connecting", attempt: this.attempt });
    this.find().then(
      (url) => this.open(url, generation),
      (error: unknown) => this.wait(generation, error instanceof ServiceError ? error.message : ""),
    );
  }

  /** Ends the current attempt. Returns the number of the next one. */
  private drop(): number {
    clearTimeout(this.timer);
    this.timer = 0;
    this.generation += 1;
    this.socket?.close();
    this.socket = null;
    return this.generation;
  }

  private open(url: string, generation: number): void {
    if (generation !== this.generation) return;
    const socket = new WebSocket(url);
    this.socket = socket;
    const opening = setTimeout(() => socket.close(), OPENING_MS);
    let settled = 0;
    socket.onopen = () => {
      clearTimeout(opening);
      settled = window.setTimeout(() => this.settle(generation), SETTLED_MS);
    };
    socket.onmessage = (event) => this.receive(event.data, generation);
    socket.onclose = () => {
      clearTimeout(opening);
      clearTimeout(settled);
      this.wait(generation);
    };
  }

  private settle(generation: number): void {
    if (generation === this.generation) this.attempt = 0;
  }

  private receive(data: unknown, generation: number): void {
    if (generation !== this.generation || typeof data !== "string") return;
    const message = parseMessage(data);
    if (message === null) return;
    if (message.type === "hello") this.events.state({ kind: "open" });
    this.events.message(message);
  }

  private wait(generation: number, refused = ""): void {
    if (generation !== this.generation) return;
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
