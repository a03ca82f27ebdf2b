/** The picture that the raster tutorials write: 64 columns of 64 pixels, a disc with a cross cut out. */
export const size = 64;

/** True where the picture is bright. @param row pixel of a column */
export function isBright(row: number, column: number): boolean {
  const x = column - 31.5;
  const y = row - 31.5;
  const cut = Math.abs(x - y) < 5 || Math.abs(x + y) < 5;
  return x * x + y * y < 28 * 28 && !cut;
}

/** Correlation of two lists of equal length. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]): number => list.reduce((s, v) => s + v, 0) / list.length;
  const [ma, mb] = [mean(a), mean(b)];
  let ab = 0;
  let aa = 0;
  let bb = 0;
  a.forEach((value, i) => {
    const [da, db] = [value - ma, (b[i] ?? 0) - mb];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  });
  return ab / Math.sqrt(aa * bb);
}
