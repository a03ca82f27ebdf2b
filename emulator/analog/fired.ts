/** Spikes of one call of the core, in order of time; those of one cycle by neuron. */
export class Fired {
  private neurons = new Int32Array(64);
  private cycles = new Float64Array(64);
  private count = 0;
  private settled = 0;

  add(neuron: number, cycle: number): void {
    if (this.count === this.neurons.length) this.grow();
    const { neurons, cycles } = this;
    let at = this.count++;
    // A fire line makes neurons of one cycle fire out of order.
    while (at > this.settled && cycles[at - 1] === cycle && neurons[at - 1]! > neuron) {
      neurons[at] = neurons[at - 1]!;
      cycles[at] = cycle;
      at--;
    }
    neurons[at] = neuron;
    cycles[at] = cycle;
  }

  /** Spikes of the present cycle that come from now on have a new cause: they follow those that are there. */
  settle(): void {
    this.settled = this.count;
  }

  /** Tells of all spikes and forgets them. */
  report(tell: (neuron: number, cycle: number) => void): void {
    const { neurons, cycles, count } = this;
    this.count = 0;
    this.settled = 0;
    for (let i = 0; i < count; i++) tell(neurons[i]!, cycles[i]!);
  }

  private grow(): void {
    const { neurons, cycles } = this;
    this.neurons = new Int32Array(2 * neurons.length);
    this.neurons.set(neurons);
    this.cycles = new Float64Array(2 * cycles.length);
    this.cycles.set(cycles);
  }
}
