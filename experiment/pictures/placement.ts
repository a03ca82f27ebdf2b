/** Where a network lies on the chip: synapses by row and column, coloured by projection, neurons below. */
import type { Placement } from '../network/placement.js';
import { element, ink, label, picture, seriesColour } from './svg.js';

const cell = 2;
const size = 256 * cell;
const margin = { left: 48, top: 48, gap: 40 } as const;

/** Draws both halves that are in use, side by side. */
export function drawPlacement(title: string, placement: Placement): string {
  const { halves, projections } = placement;
  const panels = halves.map(({ hemisphere }, index) => {
    const x = margin.left + index * (size + margin.gap);
    const y = margin.top;
    const parts = [
      label(x, y - 8, hemisphere === 0 ? 'top half' : 'bottom half'),
      element('rect', { x, y, width: size, height: size, fill: 'none', stroke: ink.mid }),
    ];
    projections.forEach(({ blocks, synapses }, p) => {
      for (const block of blocks.filter((each) => each.hemisphere === hemisphere))
        parts.push(
          element('rect', {
            x,
            y: y + block.firstRow * cell,
            width: size,
            height: block.rowCount * cell,
            fill: seriesColour(p),
            'fill-opacity': 0.08,
          }),
        );
      // One path per projection keeps the picture small.
      const marks = synapses
        .filter((synapse) => synapse.hemisphere === hemisphere)
        .map(
          ({ row, column }) => `M${x + column * cell} ${y + row * cell}h${cell}v${cell}h-${cell}z`,
        );
      if (marks.length > 0)
        parts.push(element('path', { d: marks.join(''), fill: seriesColour(p) }));
    });
    parts.push(drawNeurons(placement, hemisphere, x, y + size + 6));
    for (const at of [0, 64, 128, 192, 255]) {
      parts.push(
        label(x - 6, y + at * cell + 4, String(at), { size: 9, anchor: 'end', colour: ink.mid }),
      );
      parts.push(
        label(x + at * cell, y + size + 30, String(at), {
          size: 9,
          anchor: 'middle',
          colour: ink.mid,
        }),
      );
    }
    return parts.join('');
  });
  const names = [
    ...projections.map(({ projection }, p) => ({ name: projection.name, colour: seriesColour(p) })),
    ...[...placement.neurons.keys()].map(({ name }, i) => ({
      name: `neurons ${name}`,
      colour: seriesColour(7 - i),
    })),
  ];
  const top = margin.top + size + 52;
  const legend = names.map(
    ({ name, colour }, i) =>
      element('rect', {
        x: margin.left,
        y: top + 16 * i - 9,
        width: 10,
        height: 10,
        fill: colour,
      }) + label(margin.left + 16, top + 16 * i, name, { size: 11 }),
  );
  return picture(
    margin.left + Math.max(1, halves.length) * (size + margin.gap),
    top + 16 * names.length + 8,
    title,
    label(margin.left, 20, `${title}: synapse row against column`, { weight: 'bold', size: 13 }) +
      panels.join('') +
      legend.join(''),
  );
}

function drawNeurons(placement: Placement, hemisphere: number, x: number, y: number): string {
  return [...placement.neurons.values()]
    .map((neurons, i) => {
      const marks = neurons
        .flatMap(({ circuits }) => circuits)
        .filter((circuit) => circuit.hemisphere === hemisphere)
        .map(({ column }) => `M${x + column * cell} ${y}h${cell}v10h-${cell}z`);
      return marks.length > 0
        ? element('path', { d: marks.join(''), fill: seriesColour(7 - i) })
        : '';
    })
    .join('');
}
