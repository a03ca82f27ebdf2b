/** One lane value in another form: shifted, widened, rounded to fewer places, saturated. */
import type { Builder } from '../ir/builder.js';
import { type Atom, atomMagnitude, highForm, lowForm } from './linear.js';
import { floorLog2, nearest, powerOfTwo } from './power.js';

/** Largest code of a half. */
export const halfMost = 32767;

export class Halves {
  constructor(readonly builder: Builder) {}

  /** a * 2^by as an exact half. */
  protected shifted(atom: Atom, by: number): Atom {
    if (by === 0) return atom;
    const factor = powerOfTwo(by);
    const { value } = atom;
    return {
      value: this.builder.value('half', 'shl', [value], value.lo * factor, value.hi * factor, {
        numbers: [by],
      }),
      frac: atom.frac + by,
      error: atom.error,
    };
  }

  /** How many more places an atom's half can take. */
  protected room(atom: Atom): number {
    const most = Math.max(Math.abs(atom.value.lo), Math.abs(atom.value.hi), 1);
    return Math.max(0, floorLog2(halfMost / most));
  }

  /** Largest places at which this atom can stand in a half. */
  protected mostPlaces(atom: Atom): number {
    if (atom.low) return atom.frac;
    if (atom.value.space === 'byte') return atom.frac + 8;
    return atom.frac + this.room(atom);
  }

  /** The atom as a half with at least `least` places, in the form that costs least. */
  protected withAtLeast(atom: Atom, least: number): Atom {
    if (atom.value.space === 'byte') {
      // The high form is one unpack; the low form of a signed byte costs two operations more.
      if (least <= atom.frac && atom.value.lo >= 0) return lowForm(this.builder, atom);
      return highForm(this.builder, atom);
    }
    return this.shifted(atom, Math.max(0, least - atom.frac));
  }

  protected exactLow(atom: Atom): Atom {
    return atom.value.space === 'byte' ? lowForm(this.builder, atom) : atom;
  }

  /** A half with exactly `frac` places, which are fewer than it has; rounded to nearest. */
  protected coarser(atom: Atom, frac: number): Atom {
    const by = atom.frac - frac;
    const { value } = atom;
    const error = atom.error + powerOfTwo(-frac - 1);
    if (by > 16) {
      const zero = this.builder.splatNumber(0);
      return { value: zero, frac, error: atom.error + atomMagnitude(atom) };
    }
    // x * 2^(16 - by) in the accumulator, of which the upper half is taken; 2^15 takes two steps.
    const b = by === 1 ? 16384 : powerOfTwo(16 - by);
    const terms =
      by === 1
        ? [
            { a: value, b },
            { a: value, b },
          ]
        : [{ a: value, b }];
    const unit = powerOfTwo(-by);
    const rounded = this.builder.value(
      'half',
      'dot',
      [],
      nearest(value.lo * unit),
      nearest(value.hi * unit),
      { terms, numbers: [0x8000, 16] },
    );
    return { value: rounded, frac, error };
  }

  /** A half with fewer places than it has, rounded to nearest. */
  fewer(atom: Atom, frac: number): Atom {
    return this.coarser(atom, frac);
  }

  /** Saturates codes in lo..hi. */
  clamped(atom: Atom, lo: number, hi: number): Atom {
    if (atom.value.lo >= lo && atom.value.hi <= hi) return atom;
    const value = this.builder.value(
      'half',
      'clamp',
      [atom.value],
      Math.min(hi, Math.max(lo, atom.value.lo)),
      Math.max(lo, Math.min(hi, atom.value.hi)),
      { numbers: [lo, hi] },
    );
    return { ...atom, value };
  }
}
