/** Colours and textures of three.js that several meshes use. */

import * as THREE from "three";
import type { Rgb } from "../page/colour";

/** A lit surface with a glow. */
export type Skin = THREE.MeshStandardMaterial | THREE.MeshLambertMaterial;

/** Makes the surface of joints or bones; a `cheap` one has no highlights. */
export function makeSkin(roughness: number, cheap: boolean): Skin {
  if (cheap) return new THREE.MeshLambertMaterial();
  return new THREE.MeshStandardMaterial({ roughness, metalness: 0 });
}

const DISC_PX = 128;
let disc: THREE.CanvasTexture | null = null;

/** A white disc with a soft edge, for halos and shadows. Made once and shared. */
export function softDisc(): THREE.CanvasTexture {
  disc ??= makeDisc();
  return disc;
}

function makeDisc(): THREE.CanvasTexture {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = DISC_PX;
  const pen = canvas.getContext("2d")!;
  const middle = DISC_PX / 2;
  const fade = pen.createRadialGradient(middle, middle, 0, middle, middle, middle);
  fade.addColorStop(0, "rgba(255,255,255,1)");
  fade.addColorStop(0.35, "rgba(255,255,255,0.42)");
  fade.addColorStop(1, "rgba(255,255,255,0)");
  pen.fillStyle = fade;
  pen.fillRect(0, 0, DISC_PX, DISC_PX);
  return new THREE.CanvasTexture(canvas);
}

/** Sets a three.js colour to an RGB colour of the theme. */
export function paint(colour: THREE.Color, rgb: Rgb): void {
  colour.setRGB(rgb[0] / 255, rgb[1] / 255, rgb[2] / 255, THREE.SRGBColorSpace);
}
