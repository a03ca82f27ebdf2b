/** Drive budget: where the input would hold each neuron without threshold, against leak and threshold. */
import { Panel } from './panel.js';
import { element, ink, picture, seriesColour } from './svg.js';

/** Expected free membrane of one neuron in CADC counts. */
export interface Drive {
  readonly name: string;
  readonly mean: number;
  readonly sd: number;
}

/** The drives of a population, with its leak and threshold in CADC counts. */
export interface DriveOptions {
  readonly title: string;
  readonly drives: readonly Drive[];
  readonly leak: number;
  readonly threshold: number;
}

/** Mean and one standard deviation of the free membrane per neuron. */
export function drawDrive({ title, drives, leak, threshold }: DriveOptions): string {
  const low = Math.min(leak, ...drives.map((d) => d.mean - d.sd)) - 5;
  const high = Math.max(threshold, ...drives.map((d) => d.mean + d.sd)) + 5;
  const names = drives.length <= 10;
  const spacing = names ? Math.max(40, ...drives.map(({ name }) => 7 * name.length + 12)) : 40;
  const width = Math.min(640, Math.max(220, drives.length * spacing));
  const panel = new Panel(
    { x: 62, y: 40, width, height: 220 },
    {
      label: 'neuron',
      domain: [-0.5, drives.length - 0.5],
      ...(names
        ? { ticks: drives.map((_, i) => i), tickText: (v: number) => drives[v]?.name ?? '' }
        : {}),
    },
    { label: 'free membrane (CADC counts)', domain: [low, high] },
    title,
  );
  drives.forEach((drive, i) => {
    const x = panel.x(i);
    panel.add(
      element('line', {
        x1: x,
        x2: x,
        y1: panel.y(drive.mean - drive.sd),
        y2: panel.y(drive.mean + drive.sd),
        stroke: seriesColour(0),
        'stroke-width': 3,
      }),
    );
    panel.points([i], [drive.mean], seriesColour(0), 4);
  });
  panel.level(leak, ink.mid, 'leak');
  panel.level(threshold, ink.bad, 'threshold');
  return picture(width + 150, 316, title, panel.markup());
}
