/** The 3D view: light, floor, a camera on the sensor's side, and everybody in it. */

import * as THREE from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import type { LayoutInfo } from "../wire/messages";
import type { Theme } from "../page/colour";
import type { ShownBody } from "../state/screen";
import { Figure } from "./body_mesh";
import { type Ground, groundTexture, makeGround } from "./ground";
import { Tags } from "./name_tags";
import { Floor, lowestOf } from "./space";

const FIELD_OF_VIEW = 32;
const EYE_M = 0.98;
const FOLLOW_S = 0.7;
const SLOW_S = 0.045;
const LEAST_RATIO = 0.6;

export class Stage {
  mirror = false;
  private readonly renderer: THREE.WebGLRenderer;
  private readonly scene = new THREE.Scene();
  private readonly camera = new THREE.PerspectiveCamera(FIELD_OF_VIEW, 1, 0.05, 60);
  private readonly controls: OrbitControls;
  private readonly figures = new Map<string, Figure>();
  private readonly floor = new Floor();
  private readonly ground: Ground;
  private readonly hemisphere = new THREE.HemisphereLight(0xffffff, 0x445066, 1.5);
  private readonly tags: Tags;
  private layout: LayoutInfo | null = null;
  private bodies: readonly ShownBody[] = [];
  private theme: Theme | null = null;
  private placed = false;
  private meanS = 0;

  /** Throws where the browser gives no WebGL. */
  constructor(
    private readonly host: HTMLElement,
    canvas: HTMLCanvasElement,
    tagHost: HTMLElement,
    verdict: HTMLElement,
    choose: (key: string) => void,
  ) {
    this.renderer = new THREE.WebGLRenderer({ canvas, antialias: true, alpha: true });
    this.renderer.setPixelRatio(Math.min(2, window.devicePixelRatio));
    this.controls = this.makeControls(canvas);
    this.tags = new Tags(tagHost, verdict, choose);
    this.ground = makeGround();
    const sun = new THREE.DirectionalLight(0xffffff, 1.9);
    sun.position.set(1.5, 4, -3);
    this.scene.add(this.hemisphere, sun, sun.target, this.ground);
    canvas.addEventListener("keydown", (event) => this.turnByKey(event));
    new ResizeObserver(() => this.resize()).observe(host);
    this.resetView();
    this.resize();
  }

  setLayout(layout: LayoutInfo): void {
    if (this.layout && JSON.stringify(this.layout) === JSON.stringify(layout)) return;
    this.layout = layout;
    for (const key of this.figures.keys()) this.remove(key);
  }

  /** Who is to be drawn from now on. */
  show(bodies: readonly ShownBody[]): void {
    this.bodies = bodies;
    const keys = new Set(bodies.map((body) => body.key));
    // Other people altogether: what was the floor for those before says nothing of theirs.
    const known = [...keys].some((key) => this.figures.has(key));
    if (keys.size > 0 && !known) this.floor.height = null;
    for (const key of this.figures.keys()) if (!keys.has(key)) this.remove(key);
  }

  /** Start afresh for another stream or clip: another floor, another place. */
  forget(): void {
    this.floor.height = null;
    this.placed = false;
    for (const key of this.figures.keys()) this.remove(key);
  }

  setMirror(mirror: boolean): void {
    this.mirror = mirror;
    this.placed = false;
    for (const key of this.figures.keys()) this.remove(key);
  }

  /** Look from the sensor again. */
  resetView(): void {
    const { target } = this.controls;
    this.camera.position.set(target.x, target.y + 0.35, target.z - this.distance());
    this.controls.update();
  }

  render(dtS: number, theme: Theme): void {
    this.spare(dtS);
    if (theme !== this.theme) this.paint(theme);
    if (this.layout) this.moveFigures(dtS, theme, this.layout);
    this.follow(dtS);
    this.controls.update();
    this.renderer.render(this.scene, this.camera);
    this.tags.draw(this.bodies, (key) => this.figures.get(key)?.head, this.camera);
  }

  /** Where drawing is slow, as without a graphics card, draw fewer pixels rather than jerk. */
  private spare(dtS: number): void {
    this.meanS += 0.05 * (dtS - this.meanS);
    const ratio = this.renderer.getPixelRatio();
    if (this.meanS < SLOW_S || ratio <= LEAST_RATIO) return;
    this.meanS = 0;
    this.renderer.setPixelRatio(Math.max(LEAST_RATIO, ratio * 0.75));
  }

  private makeControls(canvas: HTMLCanvasElement): OrbitControls {
    const controls = new OrbitControls(this.camera, canvas);
    controls.enableDamping = true;
    controls.enablePan = false;
    // On a touch screen one finger up or down must still scroll the page.
    canvas.style.touchAction = "pan-y";
    controls.minDistance = 1.2;
    controls.maxDistance = 12;
    controls.maxPolarAngle = Math.PI * 0.52;
    controls.target.set(0, 0, 2.5);
    return controls;
  }

  private turnByKey(event: KeyboardEvent): void {
    const turn: Record<string, [number, number, number]> = {
      ArrowLeft: [-0.12, 0, 1],
      ArrowRight: [0.12, 0, 1],
      ArrowUp: [0, -0.08, 1],
      ArrowDown: [0, 0.08, 1],
      "+": [0, 0, 0.9],
      "-": [0, 0, 1.1],
    };
    const step = turn[event.key];
    if (event.key === "0") this.resetView();
    if (!step) return;
    event.preventDefault();
    const offset = this.camera.position.clone().sub(this.controls.target);
    const polar = new THREE.Spherical().setFromVector3(offset);
    polar.theta += step[0];
    polar.phi = Math.min(Math.PI * 0.52, Math.max(0.1, polar.phi + step[1]));
    polar.radius = Math.min(12, Math.max(1.2, polar.radius * step[2]));
    this.camera.position.setFromSpherical(polar).add(this.controls.target);
  }

  private moveFigures(dtS: number, theme: Theme, layout: LayoutInfo): void {
    for (const body of this.bodies) {
      const lowest = lowestOf(body.joints, body.confidence);
      if (lowest !== null) this.floor.see(lowest - 0.03, dtS);
    }
    const floorM = this.floor.height ?? -1;
    this.ground.position.y = floorM;
    for (const body of this.bodies) {
      this.figure(body.key, layout).update(body, dtS, theme, this.mirror, floorM);
    }
  }

  private figure(key: string, layout: LayoutInfo): Figure {
    let figure = this.figures.get(key);
    if (!figure) {
      figure = new Figure(layout);
      this.figures.set(key, figure);
      this.scene.add(figure.group);
    }
    return figure;
  }

  private remove(key: string): void {
    const figure = this.figures.get(key);
    if (!figure) return;
    this.scene.remove(figure.group);
    figure.dispose();
    this.figures.delete(key);
  }

  /** Keep everybody in the picture without taking the view from the user's hand. */
  private follow(dtS: number): void {
    if (this.figures.size === 0) return;
    const middle = new THREE.Vector3();
    const one = new THREE.Vector3();
    for (const figure of this.figures.values()) middle.add(figure.middle(one));
    middle.divideScalar(this.figures.size).y = (this.floor.height ?? -1) + EYE_M;
    const move = middle.sub(this.controls.target);
    if (this.placed) move.multiplyScalar(1 - Math.exp(-dtS / FOLLOW_S));
    this.controls.target.add(move);
    this.camera.position.add(move);
    // By whole metres, so that the lines stay where they are and walking shows as walking.
    this.ground.position.x = Math.round(this.controls.target.x);
    this.ground.position.z = Math.round(this.controls.target.z);
    if (!this.placed) this.resetView();
    this.placed = true;
  }

  /** From the leftmost person to the rightmost, in metres. */
  private spread(): number {
    const at = [...this.figures.values()].map((figure) => figure.middle(new THREE.Vector3()).x);
    return at.length > 0 ? Math.max(...at) - Math.min(...at) : 0;
  }

  /** Far enough for a tall person with raised arms, or for several side by side. */
  private distance(): number {
    const half = Math.tan(((FIELD_OF_VIEW / 2) * Math.PI) / 180);
    const width = 1.7 + this.spread();
    const height = this.camera.aspect > 1 ? 2.5 : 2.85;
    return Math.max(height / (2 * half), width / (2 * half * this.camera.aspect));
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width === 0 || height === 0) return;
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    // Words stand at the left of a wide picture and over a narrow one: the people give way.
    const [aside, down] = width > 700 ? [-0.07, 0.01] : [0, -0.09];
    this.camera.setViewOffset(width, height, aside * width, down * height, width, height);
    if (!this.placed) this.resetView();
  }

  private paint(theme: Theme): void {
    this.theme = theme;
    this.ground.material.map?.dispose();
    this.ground.material.map = groundTexture(theme);
    this.ground.material.needsUpdate = true;
    this.hemisphere.intensity = theme.dark ? 1.1 : 2.4;
  }
}
