/** The ground of the scene: a grid that fades into the distance. */

import * as THREE from "three";
import type { Pen } from "../page/canvas";
import { css, type Rgb, type Theme } from "../page/colour";
import { paint } from "./materials";

const GROUND_SIZE_M = 12;
const LINES = GROUND_SIZE_M * 2;
const TEXTURE_PX = 1536;
/** Slanted views of the texture stay sharp, which costs as many samples of each pixel. */
const ANISOTROPY = 8;

/** The ground: a textured plane, or lines where the processor draws, which cost far less. */
export class Ground {
  readonly object: THREE.Object3D;
  private readonly plane = new THREE.MeshBasicMaterial({ transparent: true, depthWrite: false });
  private readonly lines = new THREE.LineBasicMaterial({ vertexColors: true, transparent: true });

  /** `cheap` is for machines without a graphics card. */
  constructor(private readonly cheap: boolean) {
    this.object = cheap ? new THREE.LineSegments(fadingLines(), this.lines) : this.makePlane();
  }

  /** Draws the grid of half metres in the colours of the theme. */
  setTheme(theme: Theme): void {
    const colour = lineColour(theme);
    paint(this.lines.color, colour);
    if (this.cheap) return;
    this.plane.map?.dispose();
    this.plane.map = gridTexture(colour);
    this.plane.needsUpdate = true;
  }

  private makePlane(): THREE.Mesh {
    const mesh = new THREE.Mesh(new THREE.PlaneGeometry(GROUND_SIZE_M, GROUND_SIZE_M), this.plane);
    mesh.rotation.x = -Math.PI / 2;
    return mesh;
  }
}

const lineColour = (theme: Theme): Rgb => (theme.dark ? [92, 108, 128] : [150, 162, 176]);

/** The lines in pieces of half a metre, whose ends fade with the distance from the middle. */
function fadingLines(): THREE.BufferGeometry {
  const [points, colours]: [number[], number[]] = [[], []];
  const add = (x: number, z: number, strength: number) => {
    const far = Math.min(1, Math.hypot(x, z) / (GROUND_SIZE_M / 2));
    points.push(x, 0, z);
    colours.push(1, 1, 1, strength * (1 - far) ** 1.2);
  };
  for (let i = 0; i <= LINES; i += 1) {
    const at = i / 2 - GROUND_SIZE_M / 2;
    const strength = i % 2 === 0 ? 0.8 : 0.35;
    for (let k = 0; k < LINES; k += 1) {
      const [from, to] = [k / 2 - GROUND_SIZE_M / 2, (k + 1) / 2 - GROUND_SIZE_M / 2];
      if (Math.min(Math.hypot(at, from), Math.hypot(at, to)) > GROUND_SIZE_M / 2) continue;
      for (const end of [from, to]) add(at, end, strength);
      for (const end of [from, to]) add(end, at, strength);
    }
  }
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute("position", new THREE.Float32BufferAttribute(points, 3));
  geometry.setAttribute("color", new THREE.Float32BufferAttribute(colours, 4));
  return geometry;
}

function gridTexture(colour: Rgb): THREE.CanvasTexture {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = TEXTURE_PX;
  const pen = canvas.getContext("2d")!;
  pen.strokeStyle = css(colour);
  for (let i = 0; i <= LINES; i += 1) drawLines(pen, i);
  fadeOut(pen);
  const texture = new THREE.CanvasTexture(canvas);
  texture.anisotropy = ANISOTROPY;
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
