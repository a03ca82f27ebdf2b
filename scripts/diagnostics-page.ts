/** Writes docs/diagnostics.md from the table of codes. */
import { writeFileSync } from 'node:fs';
import { diagnosticsPage } from '../compiler/diagnostics/explain.js';

writeFileSync(new URL('../docs/diagnostics.md', import.meta.url), diagnosticsPage());
