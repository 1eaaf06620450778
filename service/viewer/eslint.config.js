import js from "@eslint/js";
import ts from "typescript-eslint";

/** The folders of src, lowest layer first. A file imports from its own folder or a lower layer. */
const LAYERS = [["wire"], ["page"], ["state"], ["scene"], ["screens", "panels"], ["atlas", "why"]];

/** Forbids relative imports out of `folder`, except those that enter one of the `lower` folders. */
function oneWayImports(folder, lower) {
  const regex = `^(\\./)*\\.\\./(?!(${lower.join("|")})/[^.])`;
  const allowed = lower.map((name) => `src/${name}`).join(", ") || "no other folder";
  const message = `src/${folder} may import from ${allowed} (LAYERS in eslint.config.js).`;
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: { "no-restricted-imports": ["error", { patterns: [{ regex, message }] }] },
  };
}

const layers = LAYERS.flatMap((folders, layer) =>
  folders.map((folder) => oneWayImports(folder, LAYERS.slice(0, layer).flat())),
);

const types = {
  files: ["**/*.ts"],
  extends: [...ts.configs.strictTypeChecked],
  languageOptions: {
    parserOptions: { project: "./tsconfig.test.json", tsconfigRootDir: import.meta.dirname },
  },
  rules: {
    // The compiler checks every index (noUncheckedIndexedAccess); ! marks the valid ones.
    "@typescript-eslint/no-non-null-assertion": "off",
    "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    "@typescript-eslint/restrict-template-expressions": [
      "error",
      { allowNumber: true, allowBoolean: true },
    ],
  },
};

export default ts.config(
  { ignores: ["dist", "node_modules"] },
  js.configs.recommended,
  types,
  ...layers,
);
