/** The page: the socket feeds the state, the screen says what is shown, each frame draws it. */

import { Connection, type ConnectionState } from "./wire/connection";
import type { Message } from "./wire/messages";
import { fetchModel, fetchStreams, websocketAddress } from "./wire/rest";
import { type Theme, themeFor } from "./page/colour";
import { element } from "./page/dom";
import { HISTORY_NS, LiveState, ServiceClock } from "./state/live_state";
import type { PlayedScreen, Screen } from "./state/screen";
import { Stage } from "./scene/stage";
import { ClipScreen, ExemplarScreen } from "./screens/clip";
import { LiveScreen, pickStream } from "./screens/live";
import { BandCanvas } from "./panels/band_canvas";
import { DropZone } from "./panels/drop_zone";
import { Gallery } from "./panels/gallery";
import { Panels } from "./panels/panels";
import { PlayerBar } from "./panels/player_bar";
import { ProbabilityPlot } from "./panels/probability_plot";
import { RecordButton } from "./panels/record_button";
import { drawConnection, drawCredits, drawModel, Latency, StreamList } from "./panels/status_bar";

const PANEL_MS = 66;
const PLOT_MS = 120;
const LIST_MS = 5000;

class Page {
  private readonly state = new LiveState();
  private readonly clock = new ServiceClock();
  private readonly live = new LiveScreen(this.state, this.clock);
  private readonly latency = new Latency();
  private readonly panels = new Panels((key) => this.chooseBody(key));
  private readonly list = new StreamList((name) => this.chooseStream(name));
  private readonly bands = new BandCanvas(element<HTMLCanvasElement>("timeline"));
  private readonly plot = new ProbabilityPlot(element("plot"), element("legend"));
  private readonly gallery = new Gallery((exemplar) => this.play(new ExemplarScreen(exemplar)));
  private readonly record = new RecordButton(() => this.live.stream);
  private readonly bar = new PlayerBar(() => this.play(null));
  private readonly stage = this.makeStage();
  private readonly darkness = window.matchMedia("(prefers-color-scheme: dark)");
  private readonly connection = new Connection(() => this.findSocket(), {
    message: (message) => this.take(message),
    state: (state) => this.setConnection(state),
  });
  private theme: Theme = themeFor(this.darkness.matches);
  private played: PlayedScreen | null = null;
  private link: ConnectionState = { kind: "connecting", attempt: 0 };
  private wanted: string | null = new URLSearchParams(location.hash.slice(1)).get("stream");
  private drawnVersion = "";
  private panelMs = 0;
  private plotMs = 0;
  private frameMs = 0;

  start(): void {
    new DropZone((clip) => {
      if (this.state.hello) this.play(new ClipScreen(clip, this.state.hello));
    });
    this.listen();
    this.connection.restart();
    window.setInterval(() => void this.refreshList(), LIST_MS);
    requestAnimationFrame((nowMs) => this.draw(nowMs));
  }

  private makeStage(): Stage | null {
    try {
      const canvas = element<HTMLCanvasElement>("canvas");
      const [tags, verdict] = [element("tags"), element("verdict")];
      return new Stage(element("view"), canvas, tags, verdict, (key) => this.chooseBody(key));
    } catch (error) {
      console.warn(error);
      element("no-webgl").hidden = false;
      element("canvas").hidden = true;
      element("tools").hidden = true;
      return null;
    }
  }

  private listen(): void {
    this.darkness.addEventListener("change", (event) => {
      this.theme = themeFor(event.matches);
      this.drawnVersion = "";
    });
    window.addEventListener("online", () => this.connection.hurry());
    window.addEventListener("resize", () => {
      this.drawnVersion = "";
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.connection.hurry();
    });
    const mirror = element("mirror");
    mirror.addEventListener("click", () => {
      const on = mirror.getAttribute("aria-pressed") !== "true";
      mirror.setAttribute("aria-pressed", String(on));
      this.stage?.setMirror(on);
    });
    element("reset").addEventListener("click", () => this.stage?.resetView());
    element("timeline").addEventListener("click", (event) => this.seek(event.clientX));
  }

  /** The list of streams decides which one to subscribe to, so it is asked first. */
  private async findSocket(): Promise<string> {
    const streams = await fetchStreams();
    this.state.list(streams);
    this.live.stream = pickStream(streams, this.wanted);
    return websocketAddress(this.live.stream);
  }

  private async refreshList(): Promise<void> {
    if (this.link.kind !== "open" || document.hidden) return;
    const streams = await fetchStreams().catch(() => null);
    if (!streams) return;
    this.state.list(streams);
    const better = pickStream(streams, this.wanted ?? this.live.stream);
    if (better !== this.live.stream) this.connection.restart();
  }

  private take(message: Message): void {
    this.state.apply(message);
    if (message.type === "hello") void this.meet(message.model.background);
    if (message.type === "prediction") {
      this.latency.take(message.timings);
      this.live.stream ??= message.stream;
    }
    if (message.type === "relevance") this.latency.takeRelevance(message.timings);
    if (message.type === "frame") {
      this.clock.follow(message.captured_ns, performance.now());
      this.live.stream ??= message.stream;
    }
  }

  private async meet(background: string): Promise<void> {
    const { hello } = this.state;
    if (!hello) return;
    this.stage?.setLayout(hello.layout);
    drawModel(hello.model);
    const answer = await fetchModel().catch(() => null);
    if (answer) drawCredits(answer.card);
    if (answer?.exemplars) await this.gallery.fill(background);
  }

  private setConnection(state: ConnectionState): void {
    this.link = state;
    this.live.connected = state.kind === "open";
    // A try in between says nothing new.
    if (state.kind !== "connecting") {
      this.live.refused = state.kind === "waiting" ? (state.refused ?? "") : "";
    }
    if (state.kind === "open") return;
    this.state.disconnect();
    this.latency.clear();
  }

  private chooseStream(name: string): void {
    this.wanted = name;
    history.replaceState(null, "", `#stream=${encodeURIComponent(name)}`);
    this.play(null);
    if (name !== this.live.stream) this.connection.restart();
  }

  private chooseBody(key: string): void {
    (this.played ?? this.live).choose(key);
    this.drawnVersion = "";
  }

  /** Show a recording, or the live stream again where `screen` is null. */
  private play(screen: PlayedScreen | null): void {
    const before = this.played;
    this.played = screen;
    this.bar.show(screen);
    element("tracks").hidden = screen !== null && screen.axis(0, 0) === null;
    element("timeline").classList.toggle("seekable", screen !== null);
    this.drawnVersion = "";
    if (before !== screen) this.stage?.forget();
    if (screen) window.scrollTo({ top: 0, behavior: "smooth" });
  }

  private seek(clientX: number): void {
    const axis = this.played?.axis(0, 0);
    if (axis) this.bar.seek(this.bands.momentAt(clientX, axis) / 1e9);
  }

  /** The browser calls this only while the page is to be seen. */
  private draw(nowMs: number): void {
    const dtS = Math.min(0.1, (nowMs - this.frameMs) / 1000);
    this.frameMs = nowMs;
    const screen: Screen = this.played ?? this.live;
    this.played?.player.pass(dtS);
    this.drawTime(screen, nowMs);
    // The tags on the stage keep off the words, so the words come first.
    this.drawPanels(screen, nowMs);
    this.stage?.show(screen.bodies(this.theme));
    this.stage?.render(dtS, this.theme);
    if (this.state.hello) this.gallery.draw(nowMs, this.state.hello.layout, this.theme);
    requestAnimationFrame((next) => this.draw(next));
  }

  private drawTime(screen: Screen, nowMs: number): void {
    const narrow = element("timeline").clientWidth < 600;
    const axis = screen.axis(performance.now(), narrow ? HISTORY_NS / 2 : HISTORY_NS);
    this.bar.draw();
    if (!axis) return;
    this.bands.draw(axis, this.theme);
    if (nowMs - this.plotMs < PLOT_MS) return;
    this.plotMs = nowMs;
    this.plot.draw(axis, screen.labels, screen.background, this.theme);
  }

  private drawPanels(screen: Screen, nowMs: number): void {
    if (nowMs - this.panelMs < PANEL_MS) return;
    this.panelMs = nowMs;
    drawConnection(this.link, performance.now());
    this.latency.draw();
    this.record.draw(nowMs, this.link.kind === "open", this.played !== null);
    this.list.draw([...this.state.infos.values()], this.live.stream);
    const version = `${screen === this.live}|${screen.version()}`;
    if (version === this.drawnVersion) return;
    this.drawnVersion = version;
    this.panels.draw(screen.panel(this.theme), this.theme);
  }
}

new Page().start();
