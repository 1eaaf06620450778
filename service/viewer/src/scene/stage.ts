/** The 3D view: light, ground, a viewpoint, everybody in it and the tags above their heads. */

import * as THREE from "three";
import type { LayoutInfo } from "../wire/messages";
import type { Theme } from "../page/colour";
import type { ShownBody } from "../state/screen";
import { BodyMesh } from "./body_mesh";
import { type Context, openContext } from "./context";
import { Ground } from "./ground";
import { NameTags } from "./name_tags";
import { NumberBadges } from "./number_badges";
import { Resolution } from "./resolution";
import { Floor, lowestOf } from "./space";
import { Viewpoint } from "./viewpoint";

/** The height above the floor that the view is centred on. */
const CENTRE_M = 0.98;
/** The height of the floor, from the sensor, before any foot is seen. */
const UNKNOWN_FLOOR_M = -1;
/** The height of an ankle or foot joint above the sole. */
const SOLE_M = 0.03;
/** After a pause, motion continues as if only this much time had passed. */
const LONGEST_STEP_S = 0.1;
/** Without a graphics card, the scene is drawn every second time at 60 Hz: as frames come. */
const SOFTWARE_STEP_S = 0.018;

export interface StageElements {
  /** The element that the canvas fills. */
  host: HTMLElement;
  canvas: HTMLCanvasElement;
  tags: HTMLElement;
  /** The words that the tags must not cover. */
  headline: HTMLElement;
}

export class Stage {
  private mirror = false;
  private readonly host: HTMLElement;
  private readonly renderer: THREE.WebGLRenderer;
  private readonly scene = new THREE.Scene();
  private readonly viewpoint: Viewpoint;
  private readonly meshes = new Map<string, BodyMesh>();
  private readonly floor = new Floor();
  private readonly ground: Ground;
  private readonly sky = new THREE.HemisphereLight(0xffffff, 0x445066, 1.5);
  private readonly badges: NumberBadges;
  private readonly tags: NameTags;
  private layout: LayoutInfo | null = null;
  private bodies: readonly ShownBody[] = [];
  private theme: Theme | null = null;
  private readonly context: Context;
  private readonly resolution = new Resolution(Math.min(2, window.devicePixelRatio));
  private renderedMs = 0;
  /** When the scene was last drawn, or null if there has since been nothing to draw. */
  private drawnMs: number | null = null;
  /** Whether something other than the bodies and the camera has changed since the last drawing. */
  private changed = true;
  private tagsChanged = true;

  /** Throws if the browser has no WebGL. */
  constructor({ host, canvas, tags, headline }: StageElements, choose: (key: string) => void) {
    this.host = host;
    this.context = openContext(canvas);
    const { gl, software } = this.context;
    this.renderer = new THREE.WebGLRenderer({ canvas, context: gl, antialias: !software });
    this.renderer.setPixelRatio(this.resolution.ratio);
    canvas.addEventListener("webglcontextrestored", () => {
      this.changed = true;
    });
    this.viewpoint = new Viewpoint(canvas);
    this.badges = new NumberBadges(tags, choose);
    this.tags = new NameTags(tags, headline, choose);
    const sun = new THREE.DirectionalLight(0xffffff, 1.9);
    sun.position.set(1.5, 4, -3);
    this.ground = new Ground(software);
    this.scene.add(this.sky, sun, sun.target, this.ground.object);
    new ResizeObserver(() => this.resize()).observe(host);
    this.viewpoint.reset();
    this.resize();
  }

  /** Sets the joints and bones of all bodies. */
  setLayout(layout: LayoutInfo): void {
    if (this.layout && JSON.stringify(this.layout) === JSON.stringify(layout)) return;
    this.layout = layout;
    this.removeAll();
  }

  /** Sets the bodies to draw from now on. */
  show(bodies: readonly ShownBody[]): void {
    if (looksOf(bodies) !== looksOf(this.bodies)) this.changed = true;
    if (tagsOf(bodies) !== tagsOf(this.bodies)) this.tagsChanged = true;
    this.bodies = bodies;
    const keys = new Set(bodies.map((body) => body.key));
    // Entirely different people may stand on another floor.
    const known = [...keys].some((key) => this.meshes.has(key));
    if (keys.size > 0 && !known) this.floor.height = null;
    for (const key of this.meshes.keys()) if (!keys.has(key)) this.remove(key);
  }

  /** Starts afresh for another stream or clip, with another floor and another place. */
  restart(): void {
    this.floor.height = null;
    this.viewpoint.forget();
    this.removeAll();
  }

  setMirror(mirror: boolean): void {
    this.mirror = mirror;
    this.viewpoint.forget();
    this.removeAll();
  }

  /** Looks from the sensor again. */
  resetView(): void {
    this.viewpoint.reset();
  }

  /** Moves everything to where it is at `nowMs`, and draws the scene if that changed it. */
  render(nowMs: number, theme: Theme): void {
    const stepS = (nowMs - this.renderedMs) / 1000;
    if (this.context.software && stepS < SOFTWARE_STEP_S) return;
    this.renderedMs = nowMs;
    const dtS = Math.min(LONGEST_STEP_S, stepS);
    if (theme !== this.theme) this.setTheme(theme);
    if (this.layout) this.moveBodies(dtS, theme, this.layout);
    this.follow(dtS);
    this.viewpoint.update();
    const changed = this.looksChanged();
    if (changed) this.draw(nowMs);
    else this.drawnMs = null;
    if (changed || this.tagsChanged) this.drawTags();
  }

  private looksChanged(): boolean {
    if (this.changed || this.viewpoint.changed) return true;
    return [...this.meshes.values()].some((mesh) => mesh.changed);
  }

  private draw(nowMs: number): void {
    this.adaptResolution(nowMs);
    this.renderer.render(this.scene, this.viewpoint.camera);
    this.changed = false;
    this.viewpoint.markDrawn();
    for (const mesh of this.meshes.values()) mesh.markDrawn();
  }

  private drawTags(): void {
    this.tagsChanged = false;
    const { camera } = this.viewpoint;
    this.badges.draw(this.bodies, (key) => this.meshes.get(key)?.chest, camera);
    this.tags.draw(this.bodies, (key) => this.meshes.get(key), camera);
  }

  /** Draws fewer pixels where drawing is slow, for example without a graphics card. */
  private adaptResolution(nowMs: number): void {
    const before = this.drawnMs;
    this.drawnMs = nowMs;
    if (before === null || !this.resolution.take((nowMs - before) / 1000)) return;
    this.renderer.setPixelRatio(this.resolution.ratio);
  }

  private moveBodies(dtS: number, theme: Theme, layout: LayoutInfo): void {
    for (const body of this.bodies) {
      const lowest = lowestOf(body.joints, body.confidence);
      if (lowest !== null) this.floor.update(lowest - SOLE_M, dtS);
    }
    this.ground.object.position.y = this.floorM;
    for (const body of this.bodies) {
      this.mesh(body.key, layout).update(body, dtS, theme, this.mirror, this.floorM);
    }
  }

  private get floorM(): number {
    return this.floor.height ?? UNKNOWN_FLOOR_M;
  }

  private mesh(key: string, layout: LayoutInfo): BodyMesh {
    let mesh = this.meshes.get(key);
    if (!mesh) {
      mesh = new BodyMesh(layout, this.context.software);
      this.meshes.set(key, mesh);
      this.scene.add(mesh.group);
    }
    return mesh;
  }

  private remove(key: string): void {
    const mesh = this.meshes.get(key);
    if (!mesh) return;
    this.changed = true;
    this.scene.remove(mesh.group);
    mesh.dispose();
    this.meshes.delete(key);
  }

  private removeAll(): void {
    for (const key of this.meshes.keys()) this.remove(key);
  }

  private follow(dtS: number): void {
    const middles = [...this.meshes.values()].map((mesh) => mesh.middle(new THREE.Vector3()));
    this.viewpoint.spreadM = spreadOf(middles);
    if (middles.length === 0) return;
    const middle = new THREE.Vector3();
    for (const one of middles) middle.add(one);
    middle.divideScalar(middles.length).y = this.floorM + CENTRE_M;
    this.viewpoint.follow(middle, dtS);
    // In whole metres, so that the grid stands still and walking shows as walking.
    this.ground.object.position.x = Math.round(this.viewpoint.target.x);
    this.ground.object.position.z = Math.round(this.viewpoint.target.z);
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width === 0 || height === 0) return;
    this.changed = true;
    this.renderer.setSize(width, height, false);
    this.viewpoint.resize(width, height);
  }

  private setTheme(theme: Theme): void {
    this.theme = theme;
    this.changed = true;
    this.ground.setTheme(theme);
    this.sky.intensity = theme.dark ? 1.1 : 2.4;
  }
}

/** What is seen of bodies besides their motion: a text that changes with it. */
function looksOf(bodies: readonly ShownBody[]): string {
  return bodies.map(({ key, colour, selected }) => [key, colour, selected].join()).join();
}

const tagsOf = (bodies: readonly ShownBody[]) => bodies.map(({ tag }) => tag).join();

/** The distance from the leftmost point to the rightmost, 0 without points. */
function spreadOf(points: readonly THREE.Vector3[]): number {
  const xs = points.map(({ x }) => x);
  return xs.length > 0 ? Math.max(...xs) - Math.min(...xs) : 0;
}
