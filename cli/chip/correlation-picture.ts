/** The picture of correlations between parameters. */
import { divergingColour, element, ink, label, picture } from '../../experiment/pictures/svg.js';
import type { ChipReport } from './report.js';

/** Correlations inside quadrants: as published and on this chip (and another); below, with the next column. */
export function drawCorrelations({
  seed,
  correlations,
  compare,
  otherCorrelations,
}: ChipReport): string {
  const { names, here, law, neighbours } = correlations;
  const size = 34;
  const side = names.length * size;
  const matrices: readonly (readonly [
    string,
    readonly (readonly number[])[],
    readonly number[],
  ])[] = [
    ['law', law, neighbours.law],
    [`chip ${seed}`, here, neighbours.here],
    ...(otherCorrelations
      ? ([[`chip ${compare}`, otherCorrelations.here, otherCorrelations.neighbours.here]] as const)
      : []),
  ];
  const line = (left: number, y: number, title: string, values: readonly number[]): string =>
    values
      .map((value, j) => {
        const x = left + j * size;
        const square = { x, y, width: size - 1, height: size - 1, fill: divergingColour(value) };
        if (title === 'law' && value === 0) return element('rect', square);
        const text = (Math.abs(value) < 0.005 ? 0 : value).toFixed(2).replace('0.', '.');
        const colour = Math.abs(value) > 0.55 ? ink.paper : ink.text;
        return (
          element('rect', square) +
          label(x + size / 2 - 0.5, y + size / 2 + 3.5, text, {
            size: 10,
            anchor: 'middle',
            colour,
          })
        );
      })
      .join('');
  const drawn = matrices.map(([title, values, next], k) => {
    const left = 100 + k * (side + 100);
    const below = 130 + side + 12;
    const rows = values.map((row, i) => line(left, 130 + i * size, title, row));
    const texts = names.map(
      (name, i) =>
        label(left - 6, 130 + i * size + size / 2 + 4, name, { size: 11, anchor: 'end' }) +
        label(left + i * size + size / 2 + 4, 124, name, { size: 11, rotate: -50 }),
    );
    return (
      label(left, 66, title, { weight: 'bold', size: 13 }) +
      rows.join('') +
      texts.join('') +
      line(left, below, title, next) +
      label(left - 6, below + size / 2 + 4, 'next column', { size: 11, anchor: 'end' })
    );
  });
  const title = `Chip ${seed}: correlations inside quadrants`;
  return picture(
    matrices.length * (side + 100) + 20,
    side + 200,
    title,
    label(20, 26, title, { weight: 'bold', size: 15 }) +
      label(
        20,
        45,
        `root mean square difference ${correlations.distance.toFixed(3)}; samples of this size give about ${correlations.byChance.toFixed(3)}. Last line: with the same parameter one column further`,
        { size: 11, colour: ink.mid },
      ) +
      drawn.join(''),
  );
}
