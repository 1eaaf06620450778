/** One person in the scene: joints, bones and a shadow. */

import * as THREE from "three";
import type { LayoutInfo } from "../wire/messages";
import { mix, rgbOf, scaleOf, type Theme } from "../page/colour";
import type { ShownBody } from "../state/screen";
import { JointMesh } from "./joint_mesh";
import { makeSkin, paint, type Skin, softDisc } from "./materials";
import { bridged, place } from "./space";

/** Time constants of gliding to a new pose and to a new glow. */
const MOVE_S = 0.03;
const GLOW_S = 0.12;
/** The relevance, in logits, of a full glow is at least this. */
const LEAST_RELEVANCE = 0.3;
const TAG_ABOVE_HEAD_M = 0.24;
const SHADOW_ABOVE_FLOOR_M = 0.004;
const THICKEST_M = 0.05;

const UP = new THREE.Vector3(0, 1, 0);

interface Bone {
  from: JointMesh;
  to: JointMesh;
  mesh: THREE.Mesh<THREE.CylinderGeometry, Skin>;
}

/**
 * A person in the scene, made for one layout of joints. Add its `group` to the scene. A `cheap` one
 * is for machines without a graphics card.
 */
export class BodyMesh {
  readonly group = new THREE.Group();
  /** The point above the head where the name tag belongs. */
  readonly head = new THREE.Vector3();
  /** The point on the chest where the number belongs. */
  readonly chest = new THREE.Vector3();
  private readonly skin: Skin;
  private readonly shadow: THREE.Mesh<THREE.PlaneGeometry, THREE.MeshBasicMaterial>;
  private readonly joints: JointMesh[];
  private readonly bones: Bone[];
  private fresh = true;

  constructor(
    private readonly layout: LayoutInfo,
    private readonly cheap: boolean,
  ) {
    this.skin = makeSkin(0.55, cheap);
    this.joints = layout.joints.map((name) => new JointMesh(name, this.group, cheap));
    this.bones = layout.bones.map(([from, to]) => this.makeBone(from, to));
    this.shadow = this.makeShadow();
  }

  /** Glides towards `body` for `dtS` seconds. `floorM` is the height of the floor. */
  update(body: ShownBody, dtS: number, theme: Theme, mirror: boolean, floorM: number): void {
    this.moveJoints(body, this.follow(dtS, MOVE_S), mirror);
    this.light(body, this.follow(dtS, GLOW_S), theme);
    this.moveBones();
    this.moveShadow(floorM, theme);
    paint(this.skin.color, mix(theme.bone, rgbOf(body.colour), body.selected ? 0.35 : 0.2));
    this.fresh = false;
  }

  /** Whether the person has visibly changed since it was drawn. */
  get changed(): boolean {
    return this.joints.some((joint) => joint.changed);
  }

  /** Call it when the person has been drawn. */
  markDrawn(): void {
    for (const joint of this.joints) joint.markDrawn();
  }

  /** Copies the middle of the person into `into`. */
  middle(into: THREE.Vector3): THREE.Vector3 {
    const root = this.joints[this.layout.joints.indexOf("SpineBase")] ?? this.joints[0];
    return into.copy(root ? root.position : this.head);
  }

  /** Frees what the graphics card holds for this person alone. */
  dispose(): void {
    this.skin.dispose();
    this.shadow.geometry.dispose();
    this.shadow.material.dispose();
    for (const bone of this.bones) bone.mesh.geometry.dispose();
    for (const joint of this.joints) joint.dispose();
  }

  /** The share of the way to go in `dtS` seconds. A new person is placed at once. */
  private follow(dtS: number, constantS: number): number {
    return this.fresh ? 1 : 1 - Math.exp(-dtS / constantS);
  }

  private makeBone(from: number, to: number): Bone {
    const [a, b] = [this.joints[from]!, this.joints[to]!];
    const sides = this.cheap ? 7 : 14;
    const geometry = new THREE.CylinderGeometry(boneRadius(b), boneRadius(a), 1, sides, 1, true);
    const mesh = new THREE.Mesh(geometry, this.skin);
    this.group.add(mesh);
    return { from: a, to: b, mesh };
  }

  private makeShadow(): BodyMesh["shadow"] {
    const look = { map: softDisc(), color: 0, transparent: true, depthWrite: false };
    const mesh = new THREE.Mesh(
      new THREE.PlaneGeometry(1.1, 1.1),
      new THREE.MeshBasicMaterial(look),
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
      joint.move(seen ? target.set(...place(pose.joints[j]!, mirror)) : null, follow);
    });
    const head = this.joints[this.layout.joints.indexOf("Head")];
    if (head?.seen) this.head.copy(head.position).y += TAG_ABOVE_HEAD_M;
    const chest = this.joints[this.layout.joints.indexOf("SpineMid")];
    if (chest?.seen) this.chest.copy(chest.position);
    else this.middle(this.chest);
  }

  private light(body: ShownBody, follow: number, theme: Theme): void {
    const scale = scaleOf(body.relevance ?? [], LEAST_RELEVANCE);
    const base = mix(theme.bone, rgbOf(body.colour), 0.35);
    this.joints.forEach((joint, j) => {
      const wanted = ((body.relevance?.[j] ?? 0) / scale) * body.strength;
      joint.light(wanted, follow, theme, base);
    });
  }

  private moveBones(): void {
    const along = new THREE.Vector3();
    for (const { from, to, mesh } of this.bones) {
      mesh.visible = from.seen && to.seen;
      along.subVectors(to.position, from.position);
      const length = along.length();
      if (length < 1e-4) continue;
      mesh.position.addVectors(from.position, to.position).multiplyScalar(0.5);
      mesh.quaternion.setFromUnitVectors(UP, along.divideScalar(length));
      mesh.scale.set(1, length, 1);
    }
  }

  private moveShadow(floorM: number, theme: Theme): void {
    this.middle(this.shadow.position).y = floorM + SHADOW_ABOVE_FLOOR_M;
    this.shadow.material.opacity = theme.dark ? 0.55 : 0.2;
  }
}

function boneRadius(end: JointMesh): number {
  return Math.min(end.radius, THICKEST_M) * 0.8;
}
