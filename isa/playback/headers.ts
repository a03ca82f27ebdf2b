/** Headers of the messages to the FPGA, for those who read or write words directly. */

import { headerOf } from './messages.js';

export const toFpgaHeaders = {
  jtagInit: headerOf('to_fpga', 'jtag_init'),
  jtagScaler: headerOf('to_fpga', 'jtag_scaler'),
  jtagIns: headerOf('to_fpga', 'jtag_ins'),
  jtagData: headerOf('to_fpga', 'jtag_data'),
  timerSetup: headerOf('to_fpga', 'timer_setup'),
  waitUntil: headerOf('to_fpga', 'wait_until'),
  systimeInit: headerOf('to_fpga', 'systime_init'),
  barrier: headerOf('to_fpga', 'barrier'),
  poll: headerOf('to_fpga', 'polling_omnibus_block'),
  reset: headerOf('to_fpga', 'reset'),
  loopback: headerOf('to_fpga', 'loopback'),
  address: headerOf('to_fpga', 'omnibus_address'),
  data: headerOf('to_fpga', 'omnibus_data'),
  spikes1: headerOf('to_fpga', 'spike_pack_1'),
  spikes2: headerOf('to_fpga', 'spike_pack_2'),
  spikes3: headerOf('to_fpga', 'spike_pack_3'),
} as const;
