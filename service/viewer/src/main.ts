/** The page: messages update the state, a screen reads it, and each frame draws the screen. */

import type { Message } from "./wire/messages";
import { fetchActions, fetchModel, ServiceAtlas, untilAnswered } from "./wire/rest";
import { type Theme, themeFor } from "./page/colour";
import { element } from "./page/dom";
import { keepInView } from "./page/scroll";
import { LATE_FROM_S } from "./page/wording";
import { LiveState } from "./state/live_state";
import type { PlayedScreen, Screen, TimeAxis } from "./state/screen";
import { ServiceClock } from "./state/service_clock";
import { HISTORY_NS } from "./state/stream_view";
import type { Stage } from "./scene/stage";
import { ClipScreen } from "./screens/clip";
import { ExemplarScreen } from "./screens/exemplar";
import { LiveScreen } from "./screens/live";
import { LiveLink } from "./screens/live_link";
import { FilterList } from "./atlas/filter_list";
import { BandCanvas } from "./panels/band_canvas";
import { drawCredits } from "./panels/credits";
import { DropZone } from "./panels/drop_zone";
import { Gallery } from "./panels/gallery";
import { Panels } from "./panels/panels";
import { listenToPlaces } from "./panels/places";
import { PlayerBar } from "./panels/player_bar";
import { ProbabilityPlot } from "./panels/probability_plot";
import { RecordButton } from "./panels/record_button";
import { drawConnection, drawModel, Latency } from "./panels/status_bar";
import { StreamList } from "./panels/stream_list";
import { BandPicker } from "./why/band_picker";
import { WhyControl } from "./why/why_control";

/** The least time between two drawings of the panels, the bands and the plot. */
const PANEL_MS = 66;
const BANDS_MS = 50;
const PLOT_MS = 120;
/** After a pause, motion continues as if only this much time had passed. */
const LONGEST_STEP_S = 0.1;
/** A narrower timeline shows half of the history, and one of a phone a quarter. */
const WIDE_PX = 1100;
const PHONE_PX = 600;

class Page {
  private readonly state = new LiveState();
  private readonly clock = new ServiceClock();
  private readonly live = new LiveScreen(this.state, this.clock);
  private readonly latency = new Latency();
  private readonly panels = new Panels((key) => this.chooseBody(key));
  private readonly list = new StreamList((name) => this.chooseStream(name));
  private readonly bands = new BandCanvas(element<HTMLCanvasElement>("timeline"));
  private readonly plot = new ProbabilityPlot(element("plot"), element("legend"));
  private readonly gallery = new Gallery(
    (exemplar) => this.play(new ExemplarScreen(exemplar)),
    () => this.link.open,
  );
  private readonly filters = new FilterList(element("filter-box"), new ServiceAtlas());
  private readonly record = new RecordButton(() => this.live.stream);
  private readonly player = new PlayerBar(() => this.play(null));
  /** The 3D view: null until it is loaded, or if the browser has no WebGL. */
  private stage: Stage | null = null;
  private readonly darkMode = window.matchMedia("(prefers-color-scheme: dark)");
  private readonly link = new LiveLink(this.state, this.live, {
    message: (message) => this.take(message),
    lost: () => this.latency.clear(),
    date: (serviceMs, askedMs) => this.clock.compareWalls(serviceMs, askedMs, Date.now()),
  });
  private readonly why = new WhyControl({
    screen: () => this.screen,
    stream: () => this.live.stream,
  });
  private readonly picker = new BandPicker(element<HTMLCanvasElement>("timeline"), this.bands, {
    axis: () => this.axis(this.screen),
    seek: (timeS) => this.played && this.player.seek(timeS),
    open: (band) => this.why.open(band),
    live: () => this.played === null,
  });
  private theme: Theme = themeFor(this.darkMode.matches);
  /** The clip or exemplar in view, or null while the live stream is. */
  private played: PlayedScreen | null = null;
  /** The version of the panels that were drawn last; "" draws them anew. */
  private drawnVersion = "";
  private panelMs = 0;
  private bandsMs = 0;
  private plotMs = 0;
  private frameMs = 0;

  start(): void {
    new DropZone((clip, file) => {
      if (this.state.hello) this.play(new ClipScreen(clip, this.state.hello, file));
    });
    this.listen();
    this.link.start();
    this.why.start();
    requestAnimationFrame((nowMs) => {
      this.draw(nowMs);
      // The browser paints the texts before it starts the 3D view, which can take a second.
      window.setTimeout(() => void this.openStage());
    });
  }

  private async openStage(): Promise<void> {
    const elements = {
      host: element("view"),
      canvas: element<HTMLCanvasElement>("canvas"),
      tags: element("tags"),
      headline: element("verdict"),
    };
    try {
      const { Stage } = await import("./scene/stage");
      this.stage = new Stage(elements, (key) => this.chooseBody(key));
      this.stage.setMirror(element("mirror").getAttribute("aria-pressed") === "true");
      if (this.state.hello) this.stage.setLayout(this.state.hello.layout);
    } catch (error) {
      console.warn(error);
      element("no-webgl").hidden = false;
      element("canvas").hidden = true;
      element("tools").hidden = true;
    }
  }

  private listen(): void {
    this.darkMode.addEventListener("change", (event) => {
      this.theme = themeFor(event.matches);
      this.drawnVersion = "";
    });
    window.addEventListener("resize", () => {
      this.drawnVersion = "";
    });
    const mirror = element("mirror");
    mirror.addEventListener("click", () => {
      const on = mirror.getAttribute("aria-pressed") !== "true";
      mirror.setAttribute("aria-pressed", String(on));
      this.stage?.setMirror(on);
    });
    listenToPlaces(() => this.play(null));
    const filters = element<HTMLDetailsElement>("filters");
    filters.addEventListener("toggle", () => {
      if (filters.open) void this.filters.fill();
    });
    element("reset").addEventListener("click", () => this.stage?.resetView());
  }

  private take(message: Message): void {
    if (message.type === "hello") {
      this.clock.setWallOffset(message.wall_offset_ns);
      void this.fillTimeline();
      void this.showModel(message.model.background);
    }
    if (message.type === "frame") this.clock.follow(message.captured_ns, performance.now());
    if (message.type === "prediction") this.latency.take(message.timings);
    if (message.type === "relevance") this.latency.takeRelevance(message.timings);
  }

  /** Adds the actions from before the page was connected. */
  private async fillTimeline(): Promise<void> {
    const actions = await untilAnswered(fetchActions, () => this.link.open);
    this.state.fill(actions ?? [], this.clock.wallNs(Date.now()) - HISTORY_NS);
  }

  private async showModel(background: string): Promise<void> {
    const { hello } = this.state;
    if (!hello) return;
    this.stage?.setLayout(hello.layout);
    drawModel(hello.model);
    const answer = await untilAnswered(fetchModel, () => this.link.open);
    if (answer) drawCredits(answer.card);
    if (answer) await this.gallery.fill(answer.exemplars, background);
  }

  private chooseStream(name: string): void {
    this.play(null);
    this.link.choose(name);
  }

  private chooseBody(key: string): void {
    (this.played ?? this.live).choose(key);
    this.drawnVersion = "";
  }

  /** Shows a clip or an exemplar; null returns to the live stream. */
  private play(screen: PlayedScreen | null): void {
    const before = this.played;
    this.played = screen;
    this.player.show(screen);
    element("tracks").hidden = screen !== null && screen.axis(0, 0) === null;
    element("timeline").classList.toggle("seekable", screen !== null);
    this.drawnVersion = "";
    if (before !== screen) this.stage?.restart();
    if (screen) keepInView(document.body, "start");
    // The space bar plays and pauses; back on the live screen, the focus is on no hidden button.
    if (screen) element("play").focus({ preventScroll: true });
    else if (before) element("label").focus({ preventScroll: true });
  }

  private get screen(): Screen {
    return this.played ?? this.live;
  }

  private axis(screen: Screen): TimeAxis | null {
    const width = element("timeline").clientWidth;
    const parts = width < PHONE_PX ? 4 : width < WIDE_PX ? 2 : 1;
    return screen.axis(performance.now(), HISTORY_NS / parts);
  }

  /** Draws one frame. The browser calls it only while the page is visible. */
  private draw(nowMs: number): void {
    const dtS = Math.min(LONGEST_STEP_S, (nowMs - this.frameMs) / 1000);
    this.frameMs = nowMs;
    const { screen } = this;
    this.why.draw(dtS, this.theme);
    if (!this.why.isOpen) this.played?.player.advance(dtS);
    this.drawTime(screen, nowMs);
    // The tags of the stage keep off the headline, so the headline is drawn first.
    this.drawPanels(screen, nowMs);
    this.stage?.show(screen.bodies(this.theme));
    this.stage?.render(nowMs, this.theme);
    if (this.state.hello) this.gallery.draw(nowMs, this.state.hello.layout, this.theme);
    this.filters.draw(nowMs, this.theme);
    requestAnimationFrame((next) => this.draw(next));
  }

  private drawTime(screen: Screen, nowMs: number): void {
    if (nowMs - this.bandsMs < BANDS_MS) return;
    this.bandsMs = nowMs;
    const axis = this.axis(screen);
    this.player.draw();
    if (!axis) return;
    this.bands.draw(axis, this.theme, this.picker.marked);
    if (nowMs - this.plotMs < PLOT_MS) return;
    this.plotMs = nowMs;
    this.plot.draw(axis, screen.labels, screen.background, this.theme);
  }

  private drawPanels(screen: Screen, nowMs: number): void {
    if (nowMs - this.panelMs < PANEL_MS) return;
    this.panelMs = nowMs;
    const lateS = this.live.lateS(Date.now());
    drawConnection(this.link.connectionState, performance.now(), lateS);
    this.latency.draw(lateS >= LATE_FROM_S);
    this.record.draw(nowMs, this.link.open, this.played !== null);
    const { stream, people } = this.live;
    this.list.draw([...this.state.infos.values()], stream, this.link.open, people);
    const version = `${screen === this.live}|${screen.version()}`;
    if (version === this.drawnVersion) return;
    this.drawnVersion = version;
    this.panels.draw(screen.panel(this.theme), this.theme);
  }
}

new Page().start();
