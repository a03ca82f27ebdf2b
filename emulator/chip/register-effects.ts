/**
 * What each container of the register map does on the emulated chip, for the manual and for the test that holds it
 * to its word.
 */

import type { ContainerName } from '../../isa/registers/index.js';

/**
 * `acts`: a write changes the chip at once. `used`: stored, and read where it matters. `stored`: kept and given back,
 * nothing else. `tells`: read-only, what the chip knows.
 */
export type EffectKind = 'acts' | 'used' | 'stored' | 'tells';

export interface RegisterEffect {
  readonly kind: EffectKind;
  /** For the manual. */
  readonly about: string;
}

const acts = (about: string): RegisterEffect => ({ kind: 'acts', about });
const used = (about: string): RegisterEffect => ({ kind: 'used', about });
const stored = (about = ''): RegisterEffect => ({ kind: 'stored', about });
const tells = (about: string): RegisterEffect => ({ kind: 'tells', about });

export const REGISTER_EFFECTS: Readonly<Record<ContainerName, RegisterEffect>> = {
  CommonSynramConfig: stored(),
  SynapseQuad: acts('weights, labels and trims of four synapses'),
  SynapseWeightQuad: acts('weights; alias of the raw view'),
  SynapseLabelQuad: acts(
    'labels; alias of the raw view; a change drops the waiting traces of the sensor',
  ),
  SynapseCorrelationCalibQuad: acts('trims of the sensors; alias of the raw view'),
  ColumnCurrentQuad: acts('lines of a column to its neuron, and to the debug lines'),
  ColumnCorrelationQuad: acts('what the channels of a column see: sensor, neuron, test line'),
  SynapseBiasSelection: stored('biases always come from the parameter memory'),
  CorrelationReset: acts('both accumulators of four synapses to 0'),
  NeuronResetQuad: acts('four neurons to their reset potential for a refractory period'),
  CADCSampleQuad: acts(
    'codes of four columns; without bit 21 of the address a read converts first, a write of 3 resets the sensors',
  ),
  CommonCorrelationConfig: used('sense delay; reset durations and mode are stored only'),
  CADCChannelConfig: acts('offset of a channel'),
  CADCConfig: used('enable, reset wait and dead time'),
  CADCOffsetSRAMTimingConfig: stored(),
  SynapseDriverConfig: acts(
    'receiver, row mask, row modes, short-term plasticity, address forwarding, read-out',
  ),
  SynapseDriverSRAMTimingConfig: stored(),
  PADIEvent: acts('an event on buses that do not listen to the crossbar'),
  CommonPADIBusConfig: acts('crossbar enable and pulse extension'),
  CommonSTPConfig: acts('recovery clock'),
  NeuronReset: acts('a neuron to its reset potential for a refractory period'),
  BlockPostPulse: acts('a post pulse in every column with post_overwrite'),
  SpikeCounterRead: tells('8 bits and overflow'),
  SpikeCounterReset: acts('a counter to 0'),
  BackgroundSpikeSource: acts(
    'all fields; the generator is a 32-bit shift register, 16 steps a draw',
  ),
  CrossbarOutputConfig: acts('event counters; slow mode is stored only'),
  CrossbarNode: acts('mask, target, drop counter'),
  CrossbarInputDropCounter: tells('16 bits'),
  CrossbarOutputEventCounter: tells('24 bits'),
  CapMemCell: acts('a parameter of a neuron, or a shared one'),
  CapMemSRAMTimingConfig: stored(),
  CapMemBlockConfig: stored('the refresh always runs, once in 1 ms'),
  NeuronConfig: acts(
    'the circuit, its read-out and its connections; en_leak_deg, en_reset_deg, en_unbuf_access and en_strong_fire are stored only',
  ),
  NeuronSRAMTimingConfig: stored(),
  NeuronBackendConfig: acts(
    'address, refractory time, hold-off, clock, spike output, post pulses, fire lines; adaptation pulse and Bayesian bits are stored only',
  ),
  NeuronBackendSRAMTimingConfig: stored(),
  CommonNeuronBackendConfig: acts(
    'clocks, event registers, force_reset; sample edges and waits are stored only',
  ),
  MADCControl: acts('wake up, start, stop, continuous, power down'),
  MADCConfig: used(
    'rate, clock scaling, number of samples, input switching, dummy data; the rest is stored only',
  ),
  CurrentDAC: used(
    'as a source of the MADC: 1200 mV at code 255; stimulus and test lines are not driven',
  ),
  ReadoutSourceSelection: acts(
    'sources of the MADC; joins the drivers to the test lines of the CADC',
  ),
  PadMultiplexerConfig: stored('nothing is connected to the pads'),
  ReferenceGeneratorConfig: stored(),
  PPUMemoryWord: acts('a word of the SRAM'),
  PPUControlRegister: acts('bit 0 starts and stops; clock and cache bits are stored only'),
  PPUStatusRegister: tells('bit 0: asleep'),
  SystimeSyncBase: used('both systimes from the next synchronisation on'),
  CommonPhyConfigChip: stored(),
  ADPLL: stored(),
  PLLClockOutputBlock: stored('clocks have their default rates'),
  PLLSelfTest: stored(),
  PLLSelfTestStatus: tells('0'),
  FPGADeviceDNA: tells('the seed in the low word, 0x504c41 in the high one'),
  EventRecordingConfig: acts('events and samples go to the host'),
  PollingOmnibusBlockConfig: used('address, mask and target of polling'),
  InstructionTimeoutConfig: used('how long a barrier or polling may block'),
  SystimeCorrectionBarrierConfig: stored(),
  ExecutorTimerRead: tells('the playback timer'),
  FPGASystimeSyncNumRetries: stored(),
  FPGASystimeSyncLastRTT: tells('0'),
  FPGASystimeSyncLastAsicSystime: tells('systime of the chip at the last synchronisation'),
  FPGASystimeSyncActiveState: tells('0: a barrier waits for synchronisations'),
  CommonPhyConfigFPGA: stored(),
  PhyStatus: tells('0: links make no errors'),
  PhyConfigFPGA: stored(),
  HicannARQStatus: tells('0: links are not modelled'),
  SpikeIOOutputRoute: used('serial address of a label'),
  SpikeIOInputRoute: used('label of a serial address'),
  SpikeIOConfig: acts('rate, both directions, internal loopback'),
  ExternalPPUMemoryQuad: acts('a word of the block RAM'),
  ExternalPPUDRAMMemoryQuad: acts('a word of the DRAM'),
};
