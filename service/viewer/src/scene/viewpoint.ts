/** The viewer's eye: a camera on the sensor's side that users turn and that follows people. */

import * as THREE from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";

const FIELD_OF_VIEW_DEG = 32;
const NEAREST_M = 1.2;
/** Six people side by side on the narrow screen of a phone. */
const FARTHEST_M = 24;
const LOWEST_RAD = Math.PI * 0.52;
const HIGHEST_RAD = 0.1;
/** Smaller moves of the camera than these cannot be seen. */
const VISIBLE_M = 0.001;
const VISIBLE_RAD = 0.0003;
/** The time constant of following people. */
const FOLLOW_S = 0.7;

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
    this.camera.position.set(x, y + 0.35, z - this.distance());
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
    this.placed = true;
  }

  /** Applies the user's turns. Call it once for each drawn frame. */
  update(): void {
    this.controls.update();
  }

  /** Whether the camera has visibly moved since the scene was drawn. */
  get changed(): boolean {
    const { position, quaternion } = this.camera;
    const moved = position.distanceTo(this.drawnAt) > VISIBLE_M;
    return moved || quaternion.angleTo(this.drawnTurn) > VISIBLE_RAD;
  }

  /** Call it when the scene has been drawn. */
  markDrawn(): void {
    this.drawnAt.copy(this.camera.position);
    this.drawnTurn.copy(this.camera.quaternion);
  }

  resize(width: number, height: number): void {
    this.camera.aspect = width / height;
    // The headline is at the left of a wide picture and at the top of a narrow one: shift people.
    const [aside, down] = width > 700 ? [-0.07, 0.01] : [0, -0.09];
    this.camera.setViewOffset(width, height, aside * width, down * height, width, height);
    if (!this.placed) this.reset();
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
    return controls;
  }

  private turnByKey(event: KeyboardEvent): void {
    if (event.key === "0") this.reset();
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
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
    const width = 1.7 + this.spreadM;
    const height = this.camera.aspect > 1 ? 2.5 : 2.85;
    return Math.max(height / (2 * half), width / (2 * half * this.camera.aspect));
  }
}
