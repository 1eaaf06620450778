/** One joint of a body: a sphere that grows and glows with its relevance, and a halo around it. */

import * as THREE from "three";
import { diverging, mix, type Rgb, type Theme } from "../page/colour";
import { makeSkin, paint, type Skin, softDisc } from "./materials";

const RADII_M: [RegExp, number][] = [
  [/^Head$/, 0.095],
  [/^Neck$/, 0.036],
  [/^(SpineBase|SpineMid)$/, 0.052],
  [/^(SpineShoulder|Hip|Shoulder|Knee)/, 0.046],
  [/^Elbow/, 0.04],
  [/^(Wrist|Ankle|Foot)/, 0.032],
  [/^HandTip/, 0.018],
  [/^Hand/, 0.036],
  [/^Thumb/, 0.016],
];
const OTHER_RADIUS_M = 0.035;

/** A joint that moved further than this in one frame jumps instead of gliding. */
const JUMP_M = 0.6;

/** Smaller changes of place and of glow than these cannot be seen. */
const VISIBLE_M = 0.001;
const VISIBLE_GLOW = 0.01;

const SPHERE = new THREE.SphereGeometry(1, 22, 16);
const CHEAP_SPHERE = new THREE.SphereGeometry(1, 10, 7);

/** A joint in the scene. Its parts are added to `group`. */
export class JointMesh {
  readonly radius: number;
  readonly position = new THREE.Vector3();
  seen = false;
  private readonly mesh: THREE.Mesh<THREE.SphereGeometry, Skin>;
  private readonly halo = new THREE.Sprite(
    new THREE.SpriteMaterial({ map: softDisc(), depthWrite: false, transparent: true }),
  );
  private glow = 0;
  /** The state that was drawn last. */
  private readonly drawn = { position: new THREE.Vector3(), glow: 0, seen: false };

  constructor(name: string, group: THREE.Group, cheap: boolean) {
    this.mesh = new THREE.Mesh(cheap ? CHEAP_SPHERE : SPHERE, makeSkin(0.45, cheap));
    this.radius = RADII_M.find(([pattern]) => pattern.test(name))?.[1] ?? OTHER_RADIUS_M;
    group.add(this.mesh, this.halo);
  }

  /** Moves towards `target` by the share `follow`; null if the joint is not seen. */
  move(target: THREE.Vector3 | null, follow: number): void {
    if (target) {
      const near = this.seen && this.position.distanceTo(target) < JUMP_M;
      this.position.lerp(target, near ? follow : 1);
    }
    this.seen = target !== null;
    this.mesh.visible = this.seen;
    this.mesh.position.copy(this.position);
    this.halo.position.copy(this.position);
  }

  /** Glows towards `wanted`, −1 … 1, by the share `follow`. `base` is the colour without glow. */
  light(wanted: number, follow: number, theme: Theme, base: Rgb): void {
    this.glow += (wanted - this.glow) * follow;
    const size = Math.abs(this.glow);
    const hue = diverging(theme, this.glow > 0 ? 1 : -1);
    const { material } = this.mesh;
    paint(material.color, mix(base, hue, Math.min(1, size * 1.6)));
    paint(material.emissive, hue);
    material.emissiveIntensity = size * (theme.dark ? 0.9 : 0.35);
    this.mesh.scale.setScalar(this.radius * (1 + (this.glow > 0 ? 0.55 : 0.15) * size));
    this.lightHalo(size, theme, hue);
  }

  /** Whether it has visibly changed since it was drawn. */
  get changed(): boolean {
    const { position, glow, seen } = this.drawn;
    if (this.seen !== seen) return true;
    const moved = this.position.distanceTo(position) > VISIBLE_M;
    return this.seen && (moved || Math.abs(this.glow - glow) > VISIBLE_GLOW);
  }

  /** Call it when it has been drawn. */
  markDrawn(): void {
    this.drawn.position.copy(this.position);
    this.drawn.glow = this.glow;
    this.drawn.seen = this.seen;
  }

  /** Frees what the graphics card holds for this joint alone. */
  dispose(): void {
    this.mesh.material.dispose();
    this.halo.material.dispose();
  }

  private lightHalo(size: number, theme: Theme, hue: Rgb): void {
    const { material } = this.halo;
    this.halo.visible = this.seen && size > 0.06;
    paint(material.color, hue);
    material.opacity = Math.min(1, size * (theme.dark ? 0.75 : 0.5));
    material.blending = theme.dark ? THREE.AdditiveBlending : THREE.NormalBlending;
    this.halo.scale.setScalar(0.16 + 0.34 * size);
  }
}
