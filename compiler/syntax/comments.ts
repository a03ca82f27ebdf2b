/** Comments: found before parsing, kept for documentation and the formatter, blanked out for the grammar. */
import type { Comment, SourceText } from './ast.js';

/** The comments of `source`, and its text with every comment replaced by as many blanks. */
export function separateComments(source: SourceText): {
  readonly comments: Comment[];
  readonly code: string;
} {
  const { name: file, text } = source;
  const comments: Comment[] = [];
  let code = '';
  let done = 0;
  for (;;) {
    const start = text.indexOf('//', done);
    if (start < 0) break;
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const lineStart = text.lastIndexOf('\n', start - 1) + 1;
    comments.push({
      span: { file, start, end },
      text: text.slice(start, end).trimEnd(),
      documentation: text.charAt(start + 2) === '!',
      ownLine: text.slice(lineStart, start).trim() === '',
    });
    code += text.slice(done, start) + ' '.repeat(end - start);
    done = end;
  }
  return { comments, code: code + text.slice(done) };
}

/** The text of the `//!` lines directly above `offset` in a file, joined by new lines; empty if none. */
export function documentationBefore(
  comments: readonly Comment[],
  text: string,
  offset: number,
): string {
  const lines: string[] = [];
  let before = offset;
  for (let i = comments.length - 1; i >= 0; i--) {
    const comment = comments[i];
    if (!comment || comment.span.start >= offset) continue;
    if (!comment.documentation || text.slice(comment.span.end, before).trim() !== '') break;
    lines.unshift(comment.text.slice(3).trim());
    before = comment.span.start;
  }
  return lines.join('\n');
}
