/** What editors ask about rule files: texts in, data out; places are offsets. */
export { analyse, type Analysis } from './analysis.js';
export { type Completion, completionsAt } from './complete.js';
export { definitionAt, type Hover, hoverAt } from './describe.js';
export { type Definition, type Role } from './names.js';
export { outlineOf, type Part } from './outline.js';
export { referencesAt, type Renaming, renameAt } from './rename.js';
