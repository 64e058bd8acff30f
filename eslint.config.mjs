import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const KOFFI_ONLY_IN_LIBRARY = 'koffi is imported in src/library only; use what that folder exports.';

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'node_modules/', 'test/corpus/', 'test/consumers/'] },
  js.configs.recommended,
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', Buffer: 'readonly', URL: 'readonly', setTimeout: 'readonly', clearTimeout: 'readonly', setImmediate: 'readonly', performance: 'readonly', require: 'readonly', module: 'writable', AbortController: 'readonly', AbortSignal: 'readonly', structuredClone: 'readonly', globalThis: 'readonly' } },
  },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'no-control-regex': 'off',
      'no-restricted-imports': ['error', { paths: [{ name: 'koffi', message: KOFFI_ONLY_IN_LIBRARY }] }],
    },
  },
  { files: ['src/library/**/*.ts', 'test/library/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
);
