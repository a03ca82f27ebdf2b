/** The sequence that brings a chip up: reset, clocks, links, time. */

import { PlaybackWriter, phyInstruction } from '../isa/playback/index.js';

const pllWords = [0x2a20a902, 0xc0cbf200, 0x2a20a902, 0xc0cbf200, 0x110d0101];
export const linkEnables = 0x88004000;
const phyConfig = 0x88006000;

/** Identification of the chip's revision 3, and names of all known revisions. */
export const idcodes: Readonly<Record<number, string>> = {
  0x048580af: 'HICANN-X v0',
  0x248580af: 'HICANN-X v2',
  0x348580af: 'HICANN-X v3',
  0x448590af: 'HICANN-X v4',
};

/** Reset of the chip by its pin: power-up state. */
export function writeReset(writer: PlaybackWriter): void {
  writer.reset(true).timerSetup().waitUntil(10).reset(false).timerSetup().waitUntil(100);
}

/** Clocks, high-speed links and the common time; nothing on the chip is reset. */
export function writeBringUp(writer: PlaybackWriter): void {
  writer.jtagScaler(6).jtagInit();
  pllWords.forEach((word, register) => {
    writer.jtagInstruction(3).jtagData(4, register).jtagInstruction(4).jtagData(32, word);
  });
  for (let link = 0; link < 8; link++) writer.write(phyConfig + link, 0x00204040);
  for (let link = 0; link < 8; link++)
    writer.jtagInstruction(phyInstruction(link)).jtagData(22, 0x204000);
  writer.timerSetup().waitUntil(12_500);
  writer.write(linkEnables, 0xff).jtagWrite(0x00040000, 0xff).barrier(2);
  writer.write(0, 0).write(1, 0).barrier(1).systimeInit().barrier(4);
}
