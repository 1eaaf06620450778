/** The WebGL context of the scene: with a graphics card, or else as cheap as it can be. */

export interface Context {
  gl: WebGL2RenderingContext;
  /** Whether the processor draws, for want of a graphics card. */
  software: boolean;
}

const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

/** Opens the context of a canvas. Throws if the browser has no WebGL 2. */
export function openContext(canvas: HTMLCanvasElement): Context {
  const shared = { alpha: true, depth: true, stencil: false };
  const fast = { ...shared, antialias: true, failIfMajorPerformanceCaveat: true };
  const gl = canvas.getContext("webgl2", fast) as WebGL2RenderingContext | null;
  if (gl) return { gl, software: SOFTWARE.test(rendererOf(gl)) };
  // Without a graphics card, smooth edges would cost several times the pixels.
  const slow = { ...shared, antialias: false };
  const cheap = canvas.getContext("webgl2", slow) as WebGL2RenderingContext | null;
  if (!cheap) throw new Error("the browser has no WebGL 2");
  return { gl: cheap, software: true };
}

function rendererOf(gl: WebGL2RenderingContext): string {
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  return String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}
