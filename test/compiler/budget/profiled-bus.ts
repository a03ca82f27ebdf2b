/** The bare machine's bus with the latencies of a profile. */
import { type LatencyProfile, chipProfile } from '../../../compiler/budget/profile.js';
import { SynapseBus } from '../rule-machine.js';

type Source = ConstructorParameters<typeof SynapseBus>[0];

export class ProfiledBus extends SynapseBus {
  constructor(
    source: Source,
    private readonly profile: LatencyProfile,
  ) {
    super(source);
    this.conversionCycles = profile.conversion;
  }

  /** Fills array, counters and membranes with what `byte` gives. */
  fill(byte: () => number): this {
    for (let i = 0; i < 65536; i++) {
      this.weights[i] = byte() & 63;
      this.labels[i] = byte() & 63;
      this.causal[i] = byte();
      this.acausal[i] = byte();
    }
    for (let i = 0; i < 256; i++) {
      this.counters[i] = byte() + (byte() > 220 ? 256 : 0);
      this.membranes[i] = byte();
    }
    return this;
  }

  override readWord(address: number, cycle: number): number {
    const value = super.readWord(address, cycle);
    this.scalar();
    return value;
  }

  override writeWord(address: number, value: number, enables: number, cycle: number): void {
    super.writeWord(address, value, enables, cycle);
    this.scalar();
  }

  override readVector(address: number, out: Uint8Array, enables: Uint8Array, cycle: number): void {
    super.readVector(address, out, enables, cycle);
    this.vector();
  }

  override writeVector(address: number, bytes: Uint8Array, enables: Uint8Array): void {
    super.writeVector(address, bytes, enables);
    this.vector();
  }

  private scalar(): void {
    const { omnibus, externalWord } = this.profile;
    this.latency = this.latency === chipProfile.omnibus ? omnibus : externalWord;
  }

  private vector(): void {
    const { parallelBus, externalVector } = this.profile;
    if (this.latency === chipProfile.parallelBus) this.latency = parallelBus;
    else if (this.latency === chipProfile.externalVector) this.latency = externalVector;
  }
}
