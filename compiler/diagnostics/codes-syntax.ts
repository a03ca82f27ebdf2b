/** Diagnostics of syntax: 00. */
import type { CodeEntry } from './diagnostic.js';

const rule = (body: string): string => `rule example {\n${body}\n}\n`;

export const syntaxCodes = {
  E0001: {
    severity: 'error',
    title: 'unexpected text',
    message: (f) => `found ${f['found']}, expected ${f['expected']}`,
    here: () => 'unexpected here',
    help: (f) => (f['near'] ? `did you mean \`${f['near']}\`?` : ''),
    explanation:
      'The text does not follow the grammar at this place. Every statement begins with a keyword or a name; a line that begins with an operator continues the expression before it.',
    failing: rule('  every 1 ms {\n    each synapse { w += + 1 }\n  }'),
    repaired: rule('  every 1 ms {\n    each synapse { w += 1 }\n  }'),
  },
  E0002: {
    severity: 'error',
    title: 'unclosed brace',
    message: (f) => `this \`${f['open']}\` is never closed`,
    here: () => 'opened here',
    help: (f) => `add the missing \`${f['close']}\``,
    explanation:
      'Braces, brackets and parentheses come in pairs. Where several are open, the indentation of the closing braces tells which one has lost its partner.',
    failing: rule('  every 1 ms {\n    each synapse {\n      w += 1\n  }'),
    repaired: rule('  every 1 ms {\n    each synapse {\n      w += 1\n    }\n  }'),
  },
  E0003: {
    severity: 'error',
    title: 'closing brace without opening one',
    message: (f) => `nothing is open that this \`${f['found']}\` could close`,
    here: () => 'closes nothing',
    help: () => 'remove it, or add its partner before it',
    explanation: 'Braces, brackets and parentheses come in pairs.',
    failing: rule('  every 1 ms { each synapse { w += 1 } }\n}'),
    repaired: rule('  every 1 ms { each synapse { w += 1 } }'),
  },
  E0004: {
    severity: 'error',
    title: '= in a condition',
    message: () => '`=` assigns; a condition compares with `==`',
    here: () => 'assigns',
    help: () => 'write `==`',
    explanation: 'An assignment is a statement and has no value, so it cannot be a condition.',
    failing: rule('  every 1 ms {\n    each synapse { if w = 0 { w = 1 } }\n  }'),
    repaired: rule('  every 1 ms {\n    each synapse { if w == 0 { w = 1 } }\n  }'),
  },
  E0005: {
    severity: 'error',
    title: 'reserved word as a name',
    message: (f) => `\`${f['name']}\` is a word of the language and cannot be a name`,
    here: () => 'reserved',
    help: () => 'choose another name',
    explanation: 'Keywords, observables, functions and units cannot be redeclared.',
    failing: rule('  state step in [0, 1] = 0\n  every 1 ms { step = 1 }'),
    repaired: rule('  state stage in [0, 1] = 0\n  every 1 ms { stage = 1 }'),
  },
  E0006: {
    severity: 'error',
    title: 'word of another language',
    message: (f) => `\`${f['found']}\` does not exist here`,
    here: () => 'not known',
    help: (f) => (f['instead'] === '' ? 'there is no such operator' : `write \`${f['instead']}\``),
    explanation:
      'Conditions are joined by `and`, `or`, `not`; loops are `for i in a..b { }`; there is no power operator (multiply), `^` is the bitwise exclusive or of ints.',
    failing: rule('  every 1 ms {\n    each synapse { if w > 1 && w < 9 { w += 1 } }\n  }'),
    repaired: rule('  every 1 ms {\n    each synapse { if w > 1 and w < 9 { w += 1 } }\n  }'),
  },
  E0007: {
    severity: 'error',
    title: 'digit missing beside the point',
    message: (f) => `\`${f['found']}\` is not a number: a digit stands on both sides of the point`,
    here: () => 'half a number',
    help: (f) => `write \`${f['instead']}\``,
    explanation: 'Numbers are written `3`, `0.5` or `1e-3`.',
    failing: rule(
      '  param eta in [0, 1] = .5\n  every 1 ms { each synapse { w += eta * causal } }',
    ),
    repaired: rule(
      '  param eta in [0, 1] = 0.5\n  every 1 ms { each synapse { w += eta * causal } }',
    ),
  },
  E0008: {
    severity: 'error',
    title: 'unit without number',
    message: (f) =>
      f['reason'] === 'line'
        ? `the unit \`${f['unit']}\` stands on another line than its number`
        : `the unit \`${f['unit']}\` does not follow a number`,
    here: () => 'unit alone',
    help: (f) => `units stand right after a number literal; multiply by \`1 ${f['unit']}\``,
    explanation:
      'A unit belongs to the number literal before it, on the same line: `20 us`, `1ms`.',
    failing: rule('  const pause = 3\n  every pause ms { each synapse { w += 1 } }'),
    repaired: rule('  const pause = 3\n  every pause * 1 ms { each synapse { w += 1 } }'),
  },
  E0009: {
    severity: 'error',
    title: 'block comment',
    message: () => 'comments run from `//` to the end of the line',
    here: () => 'not a comment here',
    help: () => 'begin every line of the comment with `//`',
    explanation: 'There is one kind of comment, `//`; `//!` is documentation that tools show.',
    failing: rule('  /* slow */\n  every 1 ms { each synapse { w += 1 } }'),
    repaired: rule('  // slow\n  every 1 ms { each synapse { w += 1 } }'),
  },
  E0010: {
    severity: 'error',
    title: 'unknown unit',
    message: (f) => `\`${f['found']}\` is not a unit`,
    here: () => 'unknown unit',
    help: () => 'units are ns, us, ms, s, Hz, kHz and MHz',
    explanation: 'A word glued to a number must be a unit of time or frequency.',
    failing: rule('  every 10 ms { each synapse { w += 2x } }'),
    repaired: rule('  every 10 ms { each synapse { w += 2 } }'),
  },
  E0011: {
    severity: 'error',
    title: '== as an assignment',
    message: () => '`==` compares; an assignment is written `=`',
    here: () => 'compares',
    help: () => 'write `=`',
    explanation: 'A comparison alone does nothing, so it cannot be a statement.',
    failing: rule('  every 1 ms {\n    each synapse {\n      w == 1\n    }\n  }'),
    repaired: rule('  every 1 ms {\n    each synapse {\n      w = 1\n    }\n  }'),
  },
  E0012: {
    severity: 'error',
    title: 'else missing',
    message: () => 'an `if` that gives a value needs an `else`',
    here: () => 'no value if the condition is false',
    help: () => 'add `else { .. }`',
    explanation:
      'As an expression `if` has braces and `else`: `let p = if a > b { 1 } else { 2 }`.',
    failing: rule('  every 1 ms {\n    each synapse { let up = if w < 9 { 1 } w += up }\n  }'),
    repaired: rule(
      '  every 1 ms {\n    each synapse { let up = if w < 9 { 1 } else { 0 } w += up }\n  }',
    ),
  },
  E0013: {
    severity: 'error',
    title: 'if as an operand needs parentheses',
    message: () => 'an `if` that is part of a larger expression stands in parentheses',
    here: () => 'needs parentheses',
    help: () => 'write `(if .. { .. } else { .. })`',
    explanation:
      'Without parentheses it would be unclear where the expression goes on after the last brace.',
    failing: rule('  every 1 ms {\n    each synapse { w += 2 * if w < 9 { 1 } else { 0 } }\n  }'),
    repaired: rule(
      '  every 1 ms {\n    each synapse { w += 2 * (if w < 9 { 1 } else { 0 }) }\n  }',
    ),
  },
  E0014: {
    severity: 'error',
    title: 'statement without effect',
    message: () => 'an expression alone does nothing',
    here: () => 'the value is lost',
    help: () => 'assign it, or record it',
    explanation:
      'Statements are `let`, assignments, `if`, `for`, `each`, `reset`, `record`, `emit` and `return`; a function only computes a value.',
    failing: rule('  every 1 ms {\n    each synapse { clamp(w, 0, 9) }\n  }'),
    repaired: rule('  every 1 ms {\n    each synapse { w = clamp(w, 0, 9) }\n  }'),
  },
  E0015: {
    severity: 'error',
    title: 'nested too deeply',
    message: () => 'this is nested more deeply than the compiler follows',
    here: () => 'too deep',
    help: () => 'name parts of it with `let`, or put them into a function',
    explanation:
      'Braces, brackets and parentheses can be nested 100 deep, expressions can be some hundred operators long, and so can chains of `else if`.',
    failing: rule(`  every 1 ms { record ${'('.repeat(99)}1${')'.repeat(99)} }`),
    repaired: rule(`  every 1 ms { record ${'('.repeat(9)}1${')'.repeat(9)} }`),
  },
} as const satisfies { readonly [code: string]: CodeEntry };
