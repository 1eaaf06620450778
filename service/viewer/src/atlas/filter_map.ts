/** The heat map of a filter: joints × frames of one channel. */

import { fitted } from "../page/canvas";
import { css, diverging, scaleOf, type Theme } from "../page/colour";
import { jointName } from "../page/wording";
import { jointOrder } from "../state/joint_heat";

const NAMES_PX = 96;
const FOOT_PX = 16;
const FONT = "10px system-ui, sans-serif";
/** The height of a row in pixels. */
export const ROW_PX = 12;

/** A filter to draw. `strong` are the joints of its group. */
export interface FilterMap {
  joints: readonly string[];
  /** Channels × joints × frames. */
  weights: readonly (readonly (readonly number[])[])[];
  channel: number;
  strong: ReadonlySet<string>;
  lengthS: number;
}

/** The order of rows: top of the body first; joints of two people keep their order. */
export function rowsOf(joints: readonly string[]): number[] {
  const two = joints.some((name) => name.includes("_"));
  return two ? joints.map((_, j) => j) : jointOrder(joints, joints);
}

/** The name of a joint, with its person in models of two. */
export function personJoint(joint: string): string {
  const [person, name] = joint.split("_");
  return name === undefined ? jointName(joint) : `${person} ${sideFirst(name)}`;
}

/** Joints of SBU begin with their side: `LeftHand` is "left hand". */
const sideFirst = (name: string): string => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();

/** The height of a map of so many joints, in pixels. */
export const mapHeight = (joints: number): number => joints * ROW_PX + FOOT_PX;

/** Draws the map. All channels share one colour scale, so that they can be compared. */
export function drawFilterMap(canvas: HTMLCanvasElement, map: FilterMap, theme: Theme): void {
  const pen = fitted(canvas);
  const rows = map.weights[map.channel];
  if (!pen || !rows) return;
  const scale = Math.max(...map.weights.flat().map((row) => scaleOf(row)));
  const frames = rows[0]?.length ?? 1;
  const step = (canvas.clientWidth - NAMES_PX) / frames;
  pen.font = FONT;
  pen.textBaseline = "middle";
  rowsOf(map.joints).forEach((joint, row) => {
    const name = map.joints[joint]!;
    pen.textAlign = "right";
    pen.fillStyle = map.strong.has(name) ? theme.text : theme.faint;
    pen.fillText(personJoint(name), NAMES_PX - 6, (row + 0.5) * ROW_PX);
    rows[joint]!.forEach((weight, frame) => {
      pen.fillStyle = css(diverging(theme, weight / scale));
      pen.fillRect(NAMES_PX + frame * step, row * ROW_PX, step - 1, ROW_PX - 1);
    });
  });
  const foot = rows.length * ROW_PX + FOOT_PX / 2 + 2;
  pen.fillStyle = theme.faint;
  pen.textAlign = "left";
  pen.fillText(`${map.lengthS.toFixed(1)} s ago`, NAMES_PX, foot);
  pen.textAlign = "right";
  pen.fillText("newest", canvas.clientWidth, foot);
}
