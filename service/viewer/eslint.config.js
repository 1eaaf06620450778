import js from "@eslint/js";
import ts from "typescript-eslint";

export default ts.config({ ignores: ["dist", "node_modules"] }, js.configs.recommended, {
  files: ["**/*.ts"],
  extends: [...ts.configs.strictTypeChecked],
  languageOptions: {
    parserOptions: { project: "./tsconfig.test.json", tsconfigRootDir: import.meta.dirname },
  },
  rules: {
    // Indices are checked by the compiler option; where one is known good, ! says so.
    "@typescript-eslint/no-non-null-assertion": "off",
    "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    "@typescript-eslint/restrict-template-expressions": [
      "error",
      { allowNumber: true, allowBoolean: true },
    ],
  },
});
