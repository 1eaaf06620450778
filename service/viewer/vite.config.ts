import { defineConfig, type Plugin, type UserConfig } from "vite";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Restricts the built page to its own files. The dev server needs more, so it has no policy. */
function contentPolicy(): Plugin {
  return {
    name: "content-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: POLICY },
        injectTo: "head-prepend",
      },
    ],
  };
}

const SERVICE = "http://127.0.0.1:8000";

const page: UserConfig = {
  base: "./",
  plugins: [contentPolicy()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1900, // Swagger UI, which only the page `docs` loads
    rolldownOptions: { input: { index: "index.html", docs: "docs/index.html" } },
  },
  server: {
    proxy: {
      "/ws": { target: SERVICE, ws: true },
      "^/(model|streams|exemplars|clips|health|actions|recordings|openapi|asyncapi)": SERVICE,
    },
  },
};

/** A script and a style sheet without imports, which `jointwise atlas` puts into its page. */
const standalone: UserConfig = {
  publicDir: false,
  build: {
    target: "es2022",
    outDir: "dist/standalone",
    lib: {
      entry: "src/standalone/atlas.ts",
      formats: ["iife"],
      name: "atlas",
      fileName: () => "atlas.js",
      cssFileName: "atlas",
    },
  },
};

export default defineConfig(({ mode }) => (mode === "standalone" ? standalone : page));
