/** The floor: a grid that fades into the distance. */

import * as THREE from "three";
import { css, type Theme } from "../page/colour";

export type Ground = THREE.Mesh<THREE.PlaneGeometry, THREE.MeshBasicMaterial>;

const FLOOR_SIZE_M = 12;

export function makeGround(): Ground {
  const paint = { transparent: true, depthWrite: false };
  const plane = new THREE.PlaneGeometry(FLOOR_SIZE_M, FLOOR_SIZE_M);
  const mesh = new THREE.Mesh(plane, new THREE.MeshBasicMaterial(paint));
  mesh.rotation.x = -Math.PI / 2;
  return mesh;
}

/** A grid of half metres that fades into the distance. */
export function groundTexture(theme: Theme): THREE.CanvasTexture {
  const size = 1536;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const pen = canvas.getContext("2d")!;
  const step = size / (FLOOR_SIZE_M * 2);
  pen.strokeStyle = css(theme.dark ? [92, 108, 128] : [150, 162, 176]);
  for (let i = 0; i <= FLOOR_SIZE_M * 2; i += 1) {
    pen.lineWidth = i % 2 === 0 ? 2.4 : 1.1;
    pen.globalAlpha = i % 2 === 0 ? 0.8 : 0.5;
    pen.beginPath();
    pen.moveTo(i * step, 0);
    pen.lineTo(i * step, size);
    pen.moveTo(0, i * step);
    pen.lineTo(size, i * step);
    pen.stroke();
  }
  fadeOut(pen, size);
  const texture = new THREE.CanvasTexture(canvas);
  texture.anisotropy = 8;
  texture.colorSpace = THREE.SRGBColorSpace;
  return texture;
}

function fadeOut(pen: CanvasRenderingContext2D, size: number): void {
  const fade = pen.createRadialGradient(size / 2, size / 2, 0, size / 2, size / 2, size / 2);
  fade.addColorStop(0, "rgba(0,0,0,0.9)");
  fade.addColorStop(0.35, "rgba(0,0,0,0.5)");
  fade.addColorStop(1, "rgba(0,0,0,0)");
  pen.globalAlpha = 1;
  pen.globalCompositeOperation = "destination-in";
  pen.fillStyle = fade;
  pen.fillRect(0, 0, size, size);
}
