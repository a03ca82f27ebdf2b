/** A rectangle with axes into which data are drawn in their own units. */
import { scaleLinear } from 'd3-scale';
import type { ScaleLinear } from 'd3-scale';
import { coordinate, element, ink, label } from './svg.js';

/** One axis: what is plotted, in which unit, over which span. */
export interface Axis {
  readonly label: string;
  readonly domain: readonly [number, number];
  /** Where the ticks stand, or about how many there shall be. */
  readonly ticks?: readonly number[] | number;
  /** Text of a tick; otherwise its value. */
  readonly tickText?: (value: number) => string;
}

/** Where a panel lies in the picture (pixels); axes' labels stand outside of it. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A panel under construction: draw into it, then ask for `markup()`. */
export class Panel {
  private readonly xScale: ScaleLinear<number, number>;
  private readonly yScale: ScaleLinear<number, number>;
  private readonly inside: string[] = [];
  private readonly outside: string[] = [];

  constructor(
    readonly frame: Frame,
    readonly xAxis: Axis,
    readonly yAxis: Axis,
    private readonly title = '',
  ) {
    this.xScale = scaleLinear()
      .domain(widen(xAxis.domain))
      .range([frame.x, frame.x + frame.width]);
    this.yScale = scaleLinear()
      .domain(widen(yAxis.domain))
      .range([frame.y + frame.height, frame.y]);
  }

  /** Pixel of a value on the horizontal axis. */
  x(value: number): number {
    return this.xScale(value);
  }

  /** Pixel of a value on the vertical axis. */
  y(value: number): number {
    return this.yScale(value);
  }

  /** Adds ready markup inside the clipped area. */
  add(markup: string): void {
    this.inside.push(markup);
  }

  /** Adds ready markup that may stand outside of the axes. */
  addOutside(markup: string): void {
    this.outside.push(markup);
  }

  /** A polyline through the points; NaN breaks it. */
  line(
    xs: ArrayLike<number>,
    ys: ArrayLike<number>,
    colour: string,
    width = 1.5,
    dash?: string,
  ): void {
    let path = '';
    let open = false;
    for (let i = 0; i < xs.length; i++) {
      const x = xs[i] ?? NaN;
      const y = ys[i] ?? NaN;
      if (Number.isFinite(x) && Number.isFinite(y)) {
        path += `${open ? 'L' : 'M'}${coordinate(this.x(x))} ${coordinate(this.y(y))}`;
        open = true;
      } else open = false;
    }
    if (path)
      this.add(
        element('path', {
          d: path,
          fill: 'none',
          stroke: colour,
          'stroke-width': width,
          'stroke-dasharray': dash,
          'stroke-linejoin': 'round',
        }),
      );
  }

  /** Filled band between two curves. */
  band(
    xs: ArrayLike<number>,
    low: ArrayLike<number>,
    high: ArrayLike<number>,
    colour: string,
  ): void {
    const point = (i: number, ys: ArrayLike<number>): string =>
      `${coordinate(this.x(xs[i] ?? 0))} ${coordinate(this.y(ys[i] ?? 0))}`;
    const indices = Array.from({ length: xs.length }, (_, i) => i);
    const path = [
      ...indices.map((i) => point(i, low)),
      ...indices.reverse().map((i) => point(i, high)),
    ];
    this.add(element('path', { d: `M${path.join('L')}Z`, fill: colour, 'fill-opacity': 0.2 }));
  }

  /** Round marks. */
  points(xs: ArrayLike<number>, ys: ArrayLike<number>, colour: string, radius = 2.5): void {
    for (let i = 0; i < xs.length; i++)
      this.add(
        element('circle', {
          cx: this.x(xs[i] ?? 0),
          cy: this.y(ys[i] ?? 0),
          r: radius,
          fill: colour,
        }),
      );
  }

  /** A rectangle given by its corners in data units. */
  rectangle(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    colour: string,
    opacity?: number,
  ): void {
    const left = Math.min(this.x(x0), this.x(x1));
    const top = Math.min(this.y(y0), this.y(y1));
    this.add(
      element('rect', {
        x: left,
        y: top,
        width: Math.abs(this.x(x1) - this.x(x0)),
        height: Math.abs(this.y(y1) - this.y(y0)),
        fill: colour,
        'fill-opacity': opacity,
      }),
    );
  }

  /** A horizontal line across the panel with a name at its right end. */
  level(value: number, colour: string, name = '', dash = '5 3'): void {
    const { x, width } = this.frame;
    const y = this.y(value);
    this.add(
      element('line', {
        x1: x,
        x2: x + width,
        y1: y,
        y2: y,
        stroke: colour,
        'stroke-dasharray': dash,
      }),
    );
    if (name) this.addOutside(label(x + width + 5, y + 4, name, { size: 11, colour }));
  }

  /** The panel with frame, grid, ticks and labels. */
  markup(): string {
    const { x, y, width, height } = this.frame;
    const parts: string[] = [];
    const id = `clip-${coordinate(x)}-${coordinate(y)}-${coordinate(width)}`.replaceAll('.', '_');
    for (const tick of this.ticks(this.xAxis, this.xScale, 70, width)) {
      const at = this.x(tick);
      parts.push(
        element('line', { x1: at, x2: at, y1: y + height, y2: y + height + 4, stroke: ink.text }),
      );
      parts.push(
        label(at, y + height + 17, this.text(this.xAxis, this.xScale, tick), {
          anchor: 'middle',
          size: 11,
        }),
      );
    }
    for (const tick of this.ticks(this.yAxis, this.yScale, 36, height)) {
      const at = this.y(tick);
      parts.push(
        element('line', {
          x1: x,
          x2: x + width,
          y1: at,
          y2: at,
          stroke: ink.faint,
          'stroke-width': 0.6,
        }),
      );
      parts.push(element('line', { x1: x - 4, x2: x, y1: at, y2: at, stroke: ink.text }));
      parts.push(
        label(x - 7, at + 4, this.text(this.yAxis, this.yScale, tick), { anchor: 'end', size: 11 }),
      );
    }
    const clip = element('clipPath', { id }, element('rect', { x, y, width, height }));
    parts.push(
      `<defs>${clip}</defs>`,
      element('g', { 'clip-path': `url(#${id})` }, this.inside.join('') || ' '),
    );
    parts.push(
      element('rect', { x, y, width, height, fill: 'none', stroke: ink.text, 'stroke-width': 0.8 }),
    );
    parts.push(label(x + width / 2, y + height + 34, this.xAxis.label, { anchor: 'middle' }));
    parts.push(label(x - 44, y + height / 2, this.yAxis.label, { anchor: 'middle', rotate: -90 }));
    if (this.title) parts.push(label(x, y - 8, this.title, { weight: 'bold', size: 13 }));
    return parts.join('') + this.outside.join('');
  }

  private ticks(
    axis: Axis,
    scale: ScaleLinear<number, number>,
    spacing: number,
    length: number,
  ): readonly number[] {
    if (typeof axis.ticks === 'object') return axis.ticks;
    return scale.ticks(axis.ticks ?? Math.max(2, Math.floor(length / spacing)));
  }

  private text(axis: Axis, scale: ScaleLinear<number, number>, value: number): string {
    if (axis.tickText) return axis.tickText(value);
    const [low = 0, high = 1] = scale.domain();
    const decimals = Math.max(0, Math.min(6, 1 - decade(Math.abs(high - low) || 1)));
    return String(Number(value.toFixed(decimals)));
  }
}

function widen([low, high]: readonly [number, number]): [number, number] {
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}

/** A legend: coloured strokes with names, from left to right. */
export function legend(
  x: number,
  y: number,
  entries: readonly { name: string; colour: string }[],
): string {
  let at = x;
  let out = '';
  for (const { name, colour } of entries) {
    out += element('rect', { x: at, y: y - 8, width: 14, height: 8, fill: colour });
    out += label(at + 19, y, name, { size: 11 });
    at += 19 + name.length * 6.4 + 18;
  }
  return out;
}

/** The unit in which a span of seconds reads well, and the factor to it. */
export function timeUnit(span: number): { readonly unit: string; readonly factor: number } {
  if (span < 2e-3) return { unit: 'us', factor: 1e6 };
  if (span < 2) return { unit: 'ms', factor: 1e3 };
  return { unit: 's', factor: 1 };
}

/** The power of ten at or below a positive value. */
function decade(value: number): number {
  let power = 0;
  while (value >= 10) {
    value /= 10;
    power++;
  }
  while (value < 1) {
    value *= 10;
    power--;
  }
  return power;
}
