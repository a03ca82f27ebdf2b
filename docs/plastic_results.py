"""Reads a result folder of Plastic: arrays as numpy, tables as pandas, spikes and signals as a Neo Block.

Needs numpy. `tables` also needs pandas, `neo_block` needs neo and quantities.

    import plastic_results
    run = plastic_results.load("results/stdp-001")
    run.manifest["seeds"], run.spikes["output_times"], run.unit("weights", "learned")
    run.tables["weights"]          # a pandas DataFrame
    block = run.neo_block()        # one Segment with SpikeTrains and AnalogSignals
"""

import json
import os

import numpy

FILES = ("spikes", "weights", "records")
UNITS = ("V", "mV", "A", "nA", "s", "Hz", "kHz")


class Run:
    """One result folder. `spikes`, `weights` and `records` are dictionaries of arrays."""

    def __init__(self, folder):
        self.folder = str(folder)
        with open(os.path.join(self.folder, "manifest.json"), encoding="utf-8") as file:
            self.manifest = json.load(file)
        form = self.manifest.get("format")
        if form != "plastic-result-1":
            raise ValueError(f"{folder}: format {form!r} is not plastic-result-1")
        for name in FILES:
            with numpy.load(os.path.join(self.folder, name + ".npz")) as arrays:
                setattr(self, name, {key: arrays[key] for key in arrays.files})

    def unit(self, file, name):
        """Unit and meaning of an array, as the experiment wrote them."""
        return self.manifest["arrays"][f"{file}/{name}"]

    @property
    def tables(self):
        """All tables by name, as pandas DataFrames."""
        import pandas

        names = [name for name in sorted(os.listdir(self.folder)) if name.endswith(".csv")]
        return {name[:-4]: pandas.read_csv(os.path.join(self.folder, name)) for name in names}

    @property
    def summary(self):
        """The numbers that the run printed."""
        return {entry["name"]: entry["value"] for entry in self.manifest["summary"]}

    def trains(self):
        """Spikes by group: name, times in s, index of the neuron or source of each."""
        for key, times in self.spikes.items():
            if not key.endswith("_times"):
                continue
            group = key[: -len("_times")]
            for kind in ("neuron", "index"):
                index = self.spikes.get(f"{group}_{kind}")
                if index is not None and len(index) == len(times):
                    yield group, times, index
                    break

    def neo_block(self):
        """A Neo Block with one Segment: a SpikeTrain per neuron that fired, an AnalogSignal per recorded trace.

        A trace is an array `X` of the records with times `Y_times` of the same length, `Y` being the longest beginning
        that both share.
        """
        import neo
        import quantities as pq

        block = neo.Block(name=self.manifest["experiment"]["title"], file_origin=self.folder)
        block.annotate(seeds=json.dumps(self.manifest["seeds"]), chip=self.manifest["chip"])
        segment = neo.Segment(name="run")
        last = max((times.max() for _, times, _ in self.trains() if len(times)), default=0.0)
        for group, times, index in self.trains():
            for neuron in numpy.unique(index):
                own = numpy.sort(times[index == neuron])
                segment.spiketrains.append(
                    neo.SpikeTrain(
                        own, units="s", t_start=min(0.0, own[0]) * pq.s, t_stop=max(last, own[-1]) * pq.s,
                        name=f"{group} {neuron}", population=group, neuron=int(neuron),
                    )
                )
        for name, times, values in self.traces():
            meaning = self.unit("records", name)
            unit = meaning.split(",")[0].split(";")[0]
            signal = neo.IrregularlySampledSignal(
                times, values, units=unit if unit in UNITS else "dimensionless", time_units="s", name=name
            )
            signal.annotate(meaning=meaning)
            neurons = self.records.get(name + "_neurons")
            if neurons is not None and len(neurons) == signal.shape[1]:
                signal.array_annotate(neuron=neurons)
            segment.irregularlysampledsignals.append(signal)
        block.segments.append(segment)
        return block

    def traces(self):
        """Recorded signals: name, times in s, values (samples, or samples x channels)."""
        clocks = {key[: -len("_times")]: values for key, values in self.records.items() if key.endswith("_times")}
        for name, values in self.records.items():
            if name.endswith(("_times", "_neurons")):
                continue
            fitting = [clock for clock in clocks if name.startswith(clock) and len(clocks[clock]) == len(values)]
            if fitting and len(values):
                yield name, clocks[max(fitting, key=len)], values


def load(folder):
    """Opens a result folder."""
    return Run(folder)
