/** Drawing on a 2D canvas at the resolution of the screen. */

export type Pen = CanvasRenderingContext2D;

/** Clears the canvas and fits it to its size on the page. Null while it has no size. */
export function fitted(canvas: HTMLCanvasElement): Pen | null {
  const ratio = Math.min(2, window.devicePixelRatio);
  const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio].map(Math.round);
  const pen = canvas.getContext("2d");
  if (!pen || !width || !height) return null;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  return pen;
}
