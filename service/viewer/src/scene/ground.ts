/** The ground of the scene: a grid that fades into the distance. */

import * as THREE from "three";
import type { Pen } from "../page/canvas";
import { css, type Theme } from "../page/colour";

export type Ground = THREE.Mesh<THREE.PlaneGeometry, THREE.MeshBasicMaterial>;

const GROUND_SIZE_M = 12;
const LINES = GROUND_SIZE_M * 2;
const TEXTURE_PX = 1536;
/** Slanted views of the texture stay sharp, which costs as many samples of each pixel. */
const ANISOTROPY = 8;

/** Makes the ground without its grid, which depends on the theme. */
export function makeGround(): Ground {
  const paint = { transparent: true, depthWrite: false };
  const plane = new THREE.PlaneGeometry(GROUND_SIZE_M, GROUND_SIZE_M);
  const mesh = new THREE.Mesh(plane, new THREE.MeshBasicMaterial(paint));
  mesh.rotation.x = -Math.PI / 2;
  return mesh;
}

/** Draws a grid of half metres. `cheap` is for machines without a graphics card. */
export function groundTexture(theme: Theme, cheap: boolean): THREE.CanvasTexture {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = TEXTURE_PX;
  const pen = canvas.getContext("2d")!;
  pen.strokeStyle = css(theme.dark ? [92, 108, 128] : [150, 162, 176]);
  for (let i = 0; i <= LINES; i += 1) drawLines(pen, i);
  fadeOut(pen);
  const texture = new THREE.CanvasTexture(canvas);
  texture.anisotropy = cheap ? 1 : ANISOTROPY;
  texture.colorSpace = THREE.SRGBColorSpace;
  return texture;
}

/** Draws the line across and the line along at `i` half metres; whole metres are stronger. */
function drawLines(pen: Pen, i: number): void {
  const at = (i * TEXTURE_PX) / LINES;
  pen.lineWidth = i % 2 === 0 ? 2.4 : 1.1;
  pen.globalAlpha = i % 2 === 0 ? 0.8 : 0.5;
  pen.beginPath();
  pen.moveTo(at, 0);
  pen.lineTo(at, TEXTURE_PX);
  pen.moveTo(0, at);
  pen.lineTo(TEXTURE_PX, at);
  pen.stroke();
}

function fadeOut(pen: Pen): void {
  const middle = TEXTURE_PX / 2;
  const fade = pen.createRadialGradient(middle, middle, 0, middle, middle, middle);
  fade.addColorStop(0, "rgba(0,0,0,0.9)");
  fade.addColorStop(0.35, "rgba(0,0,0,0.5)");
  fade.addColorStop(1, "rgba(0,0,0,0)");
  pen.globalAlpha = 1;
  pen.globalCompositeOperation = "destination-in";
  pen.fillStyle = fade;
  pen.fillRect(0, 0, TEXTURE_PX, TEXTURE_PX);
}
