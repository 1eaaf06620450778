/** One person in the scene: rounded bones, and joints that grow and glow with relevance. */

import * as THREE from "three";
import type { LayoutInfo } from "../wire/messages";
import { diverging, mix, type Rgb, scaleOf, type Theme } from "../page/colour";
import type { ShownBody } from "../state/screen";
import { bridged, place } from "./space";

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

const FOLLOW_S = 0.03;
const GLOW_FOLLOW_S = 0.12;
const SNAP_M = 0.6;
/** Less relevance than this, in logits, is not worth a full glow. */
const LEAST_RELEVANCE = 0.3;

const SPHERE = new THREE.SphereGeometry(1, 22, 16);
const UP = new THREE.Vector3(0, 1, 0);

function radiusOf(joint: string): number {
  return RADII_M.find(([name]) => name.test(joint))?.[1] ?? 0.035;
}

function softDisc(): THREE.CanvasTexture {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 128;
  const pen = canvas.getContext("2d")!;
  const fade = pen.createRadialGradient(64, 64, 0, 64, 64, 64);
  fade.addColorStop(0, "rgba(255,255,255,1)");
  fade.addColorStop(0.35, "rgba(255,255,255,0.42)");
  fade.addColorStop(1, "rgba(255,255,255,0)");
  pen.fillStyle = fade;
  pen.fillRect(0, 0, 128, 128);
  return new THREE.CanvasTexture(canvas);
}

let disc: THREE.CanvasTexture | null = null;
const sharedDisc = () => {
  disc ??= softDisc();
  return disc;
};

interface JointParts {
  radius: number;
  mesh: THREE.Mesh<THREE.SphereGeometry, THREE.MeshStandardMaterial>;
  halo: THREE.Sprite;
  at: THREE.Vector3;
  glow: number;
  seen: boolean;
}

interface BoneParts {
  from: number;
  to: number;
  mesh: THREE.Mesh<THREE.CylinderGeometry, THREE.MeshStandardMaterial>;
}

export class Figure {
  readonly group = new THREE.Group();
  readonly head = new THREE.Vector3();
  private readonly skin = new THREE.MeshStandardMaterial({ roughness: 0.55, metalness: 0 });
  private readonly shadow: THREE.Mesh<THREE.PlaneGeometry, THREE.MeshBasicMaterial>;
  private readonly joints: JointParts[];
  private readonly bones: BoneParts[];
  private fresh = true;

  constructor(private readonly layout: LayoutInfo) {
    this.joints = layout.joints.map((name) => this.makeJoint(radiusOf(name)));
    this.bones = layout.bones.map(([from, to]) => this.makeBone(from, to));
    this.shadow = this.makeShadow();
  }

  /** Move towards `body`; `mirror` and `floorM` say where the scene has it. */
  update(body: ShownBody, dtS: number, theme: Theme, mirror: boolean, floorM: number): void {
    const follow = this.fresh ? 1 : 1 - Math.exp(-dtS / FOLLOW_S);
    this.moveJoints(body, follow, mirror);
    this.light(body, this.fresh ? 1 : 1 - Math.exp(-dtS / GLOW_FOLLOW_S), theme);
    this.drawBones();
    this.drawShadow(floorM, theme);
    this.paintSkin(body, theme);
    this.fresh = false;
  }

  /** The middle of what is seen, on the ground. */
  middle(into: THREE.Vector3): THREE.Vector3 {
    const root = this.joints[this.layout.joints.indexOf("SpineBase")] ?? this.joints[0];
    return into.copy(root ? root.at : this.head);
  }

  /** Let go of what the graphics card holds for this figure alone. */
  dispose(): void {
    this.skin.dispose();
    this.shadow.geometry.dispose();
    this.shadow.material.dispose();
    for (const bone of this.bones) bone.mesh.geometry.dispose();
    for (const joint of this.joints) {
      joint.mesh.material.dispose();
      joint.halo.material.dispose();
    }
  }

  private makeJoint(radius: number): JointParts {
    const material = new THREE.MeshStandardMaterial({ roughness: 0.45 });
    const mesh = new THREE.Mesh(SPHERE, material);
    const halo = new THREE.Sprite(
      new THREE.SpriteMaterial({ map: sharedDisc(), depthWrite: false, transparent: true }),
    );
    this.group.add(mesh, halo);
    return { radius, mesh, halo, at: new THREE.Vector3(), glow: 0, seen: false };
  }

  private makeBone(from: number, to: number): BoneParts {
    const [a, b] = [this.joints[from]!.radius, this.joints[to]!.radius];
    const [thick, thin] = [Math.min(a, 0.05) * 0.8, Math.min(b, 0.05) * 0.8];
    const geometry = new THREE.CylinderGeometry(thin, thick, 1, 14, 1, true);
    const mesh = new THREE.Mesh(geometry, this.skin);
    this.group.add(mesh);
    return { from, to, mesh };
  }

  private makeShadow(): Figure["shadow"] {
    const paint = { map: sharedDisc(), color: 0, transparent: true, depthWrite: false };
    const mesh = new THREE.Mesh(
      new THREE.PlaneGeometry(1.1, 1.1),
      new THREE.MeshBasicMaterial(paint),
    );
    mesh.rotation.x = -Math.PI / 2;
    this.group.add(mesh);
    return mesh;
  }

  private moveJoints(body: ShownBody, follow: number, mirror: boolean): void {
    const target = new THREE.Vector3();
    const pose = bridged(this.layout.joints, body.joints, body.confidence);
    this.joints.forEach((joint, j) => {
      const seen = pose.seen[j] ?? false;
      if (seen) {
        target.set(...place(pose.joints[j]!, mirror));
        const near = joint.seen && joint.at.distanceTo(target) < SNAP_M;
        joint.at.lerp(target, near ? follow : 1);
      }
      joint.seen = seen;
      joint.mesh.visible = seen;
      joint.mesh.position.copy(joint.at);
      joint.halo.position.copy(joint.at);
    });
    const head = this.joints[this.layout.joints.indexOf("Head")];
    if (head?.seen) this.head.copy(head.at).y += 0.24;
  }

  private light(body: ShownBody, follow: number, theme: Theme): void {
    const scale = scaleOf(body.relevance ?? [], LEAST_RELEVANCE);
    const base: Rgb = mix(theme.bone, rgbOf(body.colour), 0.35);
    this.joints.forEach((joint, j) => {
      const wanted = ((body.relevance?.[j] ?? 0) / scale) * body.strength;
      joint.glow += (wanted - joint.glow) * follow;
      this.paintJoint(joint, theme, base);
    });
  }

  private paintJoint(joint: JointParts, theme: Theme, base: Rgb): void {
    const size = Math.abs(joint.glow);
    const hue = diverging(theme, joint.glow > 0 ? 1 : -1);
    const { material } = joint.mesh;
    paint(material.color, mix(base, hue, Math.min(1, size * 1.6)));
    paint(material.emissive, hue);
    material.emissiveIntensity = size * (theme.dark ? 0.9 : 0.35);
    joint.mesh.scale.setScalar(joint.radius * (1 + (joint.glow > 0 ? 0.55 : 0.15) * size));
    joint.halo.visible = joint.seen && size > 0.06;
    paint(joint.halo.material.color, hue);
    joint.halo.material.opacity = Math.min(1, size * (theme.dark ? 0.75 : 0.5));
    joint.halo.material.blending = theme.dark ? THREE.AdditiveBlending : THREE.NormalBlending;
    joint.halo.scale.setScalar(0.16 + 0.34 * size);
  }

  private drawBones(): void {
    const along = new THREE.Vector3();
    for (const bone of this.bones) {
      const [a, b] = [this.joints[bone.from]!, this.joints[bone.to]!];
      bone.mesh.visible = a.seen && b.seen;
      along.subVectors(b.at, a.at);
      const length = along.length();
      if (length < 1e-4) continue;
      bone.mesh.position.addVectors(a.at, b.at).multiplyScalar(0.5);
      bone.mesh.quaternion.setFromUnitVectors(UP, along.divideScalar(length));
      bone.mesh.scale.set(1, length, 1);
    }
  }

  private drawShadow(floorM: number, theme: Theme): void {
    this.middle(this.shadow.position).y = floorM + 0.004;
    this.shadow.material.opacity = theme.dark ? 0.55 : 0.2;
  }

  private paintSkin(body: ShownBody, theme: Theme): void {
    paint(this.skin.color, mix(theme.bone, rgbOf(body.colour), body.selected ? 0.35 : 0.2));
  }
}

function paint(colour: THREE.Color, rgb: Rgb): void {
  colour.setRGB(rgb[0] / 255, rgb[1] / 255, rgb[2] / 255, THREE.SRGBColorSpace);
}

function rgbOf(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
