/** Scalable pictures as plain text: elements, one style, one palette. */

/** Attribute values; `undefined` leaves the attribute out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Colours that stay apart for colour-blind readers (after Okabe and Ito). */
export const palette = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#7a5195',
  '#555555',
] as const;

/** The ink of text and axes, of faint lines, and of things that went wrong. */
export const ink = {
  text: '#222222',
  faint: '#d9d9d9',
  mid: '#888888',
  bad: '#c1121f',
  paper: '#ffffff',
} as const;

/** The colour of series `index`. */
export function seriesColour(index: number): string {
  return palette[index % palette.length] ?? ink.text;
}

/** Text made safe inside elements and attributes. */
export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A coordinate with at most two decimals: pictures stay small and equal on every machine. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** One element with escaped attributes; `content` is markup. */
export function element(name: string, attributes: Attributes, content = ''): string {
  let text = `<${name}`;
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined)
      text += ` ${key}="${typeof value === 'number' ? coordinate(value) : escapeText(value)}"`;
  return content === '' ? `${text}/>` : `${text}>${content}</${name}>`;
}

/** How a piece of text is set. */
export interface TextStyle {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly colour?: string;
  readonly weight?: 'normal' | 'bold';
  /** Degrees around the anchor. */
  readonly rotate?: number;
}

/** Text at a point. */
export function label(x: number, y: number, text: string, style: TextStyle = {}): string {
  return element(
    'text',
    {
      x,
      y,
      'font-size': style.size ?? 12,
      'text-anchor': style.anchor ?? 'start',
      fill: style.colour ?? ink.text,
      'font-weight': style.weight,
      transform: style.rotate
        ? `rotate(${style.rotate} ${coordinate(x)} ${coordinate(y)})`
        : undefined,
    },
    escapeText(text),
  );
}

/** A whole picture on white, with a title that screen readers speak. */
export function picture(width: number, height: number, title: string, content: string): string {
  const open =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${coordinate(width)} ${coordinate(height)}" ` +
    `width="${coordinate(width)}" height="${coordinate(height)}" role="img" ` +
    `font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif">`;
  return `${open}<title>${escapeText(title)}</title>${element('rect', { width, height, fill: ink.paper })}${content}</svg>\n`;
}

/** Mixes two colours #rrggbb; 0 gives `from`, 1 gives `to`. */
export function mixColours(from: string, to: string, share: number): string {
  const t = Math.min(1, Math.max(0, share));
  let out = '#';
  for (let i = 1; i < 7; i += 2) {
    const a = parseInt(from.slice(i, i + 2), 16);
    const b = parseInt(to.slice(i, i + 2), 16);
    out += Math.round(a + (b - a) * t)
      .toString(16)
      .padStart(2, '0');
  }
  return out;
}

const ramp = ['#f7fbff', '#c6dbef', '#6baed6', '#2171b5', '#08306b'];

/** Light to dark blue for 0..1: ordered in lightness, so also right in grey. */
export function sequentialColour(share: number): string {
  const t = Math.min(0.9999, Math.max(0, share)) * (ramp.length - 1);
  const i = Math.floor(t);
  return mixColours(ramp[i] ?? ink.paper, ramp[i + 1] ?? ink.text, t - i);
}

/** Orange for -1, white for 0, blue for 1. */
export function divergingColour(share: number): string {
  return share < 0
    ? mixColours('#ffffff', '#b35806', -share)
    : mixColours('#ffffff', '#08519c', share);
}
