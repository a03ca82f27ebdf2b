import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// Functions whose last bits differ between JavaScript engines (docs/architecture.md, "Same bytes everywhere").
const unportable = [
  'exp',
  'expm1',
  'log',
  'log1p',
  'log2',
  'log10',
  'pow',
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'atan2',
  'sinh',
  'cosh',
  'tanh',
  'asinh',
  'acosh',
  'atanh',
  'cbrt',
  'hypot',
  'random',
].map((property) => ({
  object: 'Math',
  property,
  message:
    'Its result differs between engines: use isa/numeric (elementary functions, seeded streams).',
}));

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'results/**', 'docs/api/**', '**/*.ohm-bundle.*'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: [
      'isa/**/*.ts',
      'compiler/**/*.ts',
      'emulator/**/*.ts',
      'experiment/**/*.ts',
      'examples/**/*.ts',
    ],
    rules: {
      'no-restricted-properties': ['error', ...unportable],
      'no-restricted-globals': [
        'error',
        { name: 'Date', message: 'No wall clock below cli/ and board/.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "BinaryExpression[operator='**'], AssignmentExpression[operator='**=']",
          message: '** differs between engines: multiply, or use pow of isa/numeric.',
        },
        {
          selector: "CallExpression[callee.property.name='localeCompare']",
          message: 'localeCompare depends on the machine: compare with < and >.',
        },
        {
          selector: 'CallExpression[callee.property.name=/^(sort|toSorted)$/][arguments.length=0]',
          message: 'Give sort a complete comparator.',
        },
        {
          selector: 'CallExpression[callee.property.name=/^toLocale/]',
          message: 'Locale dependent text.',
        },
      ],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
);
