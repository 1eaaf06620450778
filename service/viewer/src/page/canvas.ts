/** 2D canvases that are sharp at any size and screen. */

export type Pen = CanvasRenderingContext2D;

/** The canvas cleared and at the screen's own resolution; null while it has no size. */
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
