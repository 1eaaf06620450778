/** The viewer's eye: a camera on the sensor's side that users turn and that follows people. */

import * as THREE from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";

const FIELD_OF_VIEW_DEG = 32;
const NEAREST_M = 1.2;
/** Six people side by side on the narrow screen of a phone. */
const FARTHEST_M = 24;
const LOWEST_RAD = Math.PI * 0.52;
const HIGHEST_RAD = 0.1;
/** How far above people's middle the camera is. */
const LOOK_DOWN_M = 0.35;
/** Smaller moves of the camera than these cannot be seen. */
const VISIBLE_M = 0.001;
const VISIBLE_RAD = 0.0003;
/** The time constant of following people. */
const FOLLOW_S = 0.7;

/** Several people, rather than one who walks: the view has to cover at least this width. */
const SEVERAL_M = 0.5;
/** The width is covered in steps of this, so that the view does not breathe. */
const SPREAD_STEP_M = 0.5;
/** A picture narrower than this is that of a phone. */
const NARROW_PX = 700;
/** What lies over the picture: the headline at the top, and the buttons at the foot. */
const HEADLINE_PX = 150;
const FOOT_PX = 62;
/** The height that people and their raised arms take. */
const PEOPLE_M = 2.1;
/** Between people's middle and the middle of `PEOPLE_M`. */
const MIDDLE_M = 0.07;

/** The effect of each key: turns in azimuth and polar angle (radians), a factor on the distance. */
const KEYS: Partial<Record<string, [number, number, number]>> = {
  ArrowLeft: [-0.12, 0, 1],
  ArrowRight: [0.12, 0, 1],
  ArrowUp: [0, -0.08, 1],
  ArrowDown: [0, 0.08, 1],
  "+": [0, 0, 0.9],
  "-": [0, 0, 1.1],
};

/** The camera and its controls. */
export class Viewpoint {
  readonly camera = new THREE.PerspectiveCamera(FIELD_OF_VIEW_DEG, 1, 0.05, 60);
  /** The distance from the leftmost person to the rightmost, which the view has to cover. */
  spreadM = 0;
  private readonly controls: OrbitControls;
  private placed = false;
  /** Whether the user has chosen another view. */
  private turned = false;
  private size = { width: 1, height: 1 };
  private shift = "";
  private shifted = true;
  private readonly drawnAt = new THREE.Vector3();
  private readonly drawnTurn = new THREE.Quaternion();

  constructor(canvas: HTMLCanvasElement) {
    this.controls = this.makeControls(canvas);
    canvas.addEventListener("keydown", (event) => this.turnByKey(event));
  }

  /** The point that the camera looks at. */
  get target(): THREE.Vector3 {
    return this.controls.target;
  }

  /** Looks from the sensor. */
  reset(): void {
    const { x, y, z } = this.controls.target;
    this.turned = false;
    this.camera.position.set(x, y + LOOK_DOWN_M, z - this.distance());
    this.controls.update();
  }

  /** Makes the next person who appears place the camera anew. */
  forget(): void {
    this.placed = false;
  }

  /** Follows the `middle` of all people, and keeps the direction that the user chose. */
  follow(middle: THREE.Vector3, dtS: number): void {
    const move = middle.clone().sub(this.controls.target);
    if (this.placed) move.multiplyScalar(1 - Math.exp(-dtS / FOLLOW_S));
    this.controls.target.add(move);
    this.camera.position.add(move);
    if (!this.placed) this.reset();
    else if (!this.turned) this.keepDistance(dtS);
    this.placed = true;
    this.shiftPicture();
  }

  /** Moves back when people come, and closer when they leave. */
  private keepDistance(dtS: number): void {
    const offset = this.camera.position.clone().sub(this.target);
    const wanted = Math.hypot(this.distance(), LOOK_DOWN_M);
    const share = 1 - Math.exp(-dtS / FOLLOW_S);
    const length = offset.length() + (wanted - offset.length()) * share;
    this.camera.position.copy(offset.setLength(length)).add(this.target);
  }

  /** Applies the user's turns. Call it once for each drawn frame. */
  update(): void {
    this.controls.update();
  }

  /** Whether the camera has visibly moved since the scene was drawn. */
  get changed(): boolean {
    const { position, quaternion } = this.camera;
    const moved = position.distanceTo(this.drawnAt) > VISIBLE_M;
    return this.shifted || moved || quaternion.angleTo(this.drawnTurn) > VISIBLE_RAD;
  }

  /** Call it when the scene has been drawn. */
  markDrawn(): void {
    this.shifted = false;
    this.drawnAt.copy(this.camera.position);
    this.drawnTurn.copy(this.camera.quaternion);
  }

  resize(width: number, height: number): void {
    this.camera.aspect = width / height;
    this.size = { width, height };
    this.shift = "";
    this.shiftPicture();
    if (!this.placed) this.reset();
  }

  private get narrow(): boolean {
    return this.size.width <= NARROW_PX;
  }

  private get several(): boolean {
    return this.spreadM > SEVERAL_M;
  }

  /** The top and bottom of the part of the picture that people have to themselves, in pixels. */
  private get room(): [number, number] {
    return [HEADLINE_PX, Math.max(this.size.height - FOOT_PX, HEADLINE_PX + 80)];
  }

  /**
   * Keeps people off the headline. It is at the left of a wide picture with one person, and else
   * above the people.
   */
  private shiftPicture(): void {
    const { width, height } = this.size;
    const [top, bottom] = this.room;
    const beside = !this.narrow && !this.several;
    const perM = (bottom - top) / PEOPLE_M;
    const below = height / 2 - (top + bottom) / 2 - MIDDLE_M * perM;
    const [x, y] = beside ? [-0.07 * width, 0.01 * height] : [0, below];
    const shift = `${width}|${height}|${x.toFixed()}|${y.toFixed()}`;
    if (shift === this.shift) return;
    this.shift = shift;
    this.shifted = true;
    this.camera.setViewOffset(width, height, x, y, width, height);
  }

  private makeControls(canvas: HTMLCanvasElement): OrbitControls {
    const controls = new OrbitControls(this.camera, canvas);
    controls.enableDamping = true;
    controls.enablePan = false;
    // On a touch screen one finger up or down must still scroll the page.
    canvas.style.touchAction = "pan-y";
    controls.minDistance = NEAREST_M;
    controls.maxDistance = FARTHEST_M;
    controls.maxPolarAngle = LOWEST_RAD;
    controls.target.set(0, 0, 2.5);
    controls.addEventListener("start", () => {
      this.turned = true;
    });
    return controls;
  }

  private turnByKey(event: KeyboardEvent): void {
    if (event.key === "0") this.reset();
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    this.turned = true;
    const offset = this.camera.position.clone().sub(this.controls.target);
    const polar = new THREE.Spherical().setFromVector3(offset);
    polar.theta += step[0];
    polar.phi = Math.min(LOWEST_RAD, Math.max(HIGHEST_RAD, polar.phi + step[1]));
    polar.radius = Math.min(FARTHEST_M, Math.max(NEAREST_M, polar.radius * step[2]));
    this.camera.position.setFromSpherical(polar).add(this.controls.target);
  }

  /** The distance that shows a tall person with raised arms, or several people side by side. */
  private distance(): number {
    const half = Math.tan(((FIELD_OF_VIEW_DEG / 2) * Math.PI) / 180);
    const [top, bottom] = this.room;
    const beside = !this.narrow && !this.several;
    const height = beside ? 2.5 : (PEOPLE_M * this.size.height) / (bottom - top);
    const width = 1.7 + Math.ceil(this.spreadM / SPREAD_STEP_M) * SPREAD_STEP_M;
    return Math.max(height / (2 * half), width / (2 * half * this.camera.aspect));
  }
}
