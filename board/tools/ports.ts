/** The serial ports of this machine, each tried by opening it. */

import type { PortProblem } from '../board.js';
import { problemOf, systemBinding, usualBaud, type SerialBinding } from '../wire/serial.js';

export interface PortReport {
  readonly path: string;
  readonly manufacturer: string | undefined;
  readonly serialNumber: string | undefined;
  /** Of the USB device, hexadecimal; undefined for ports of another kind. */
  readonly vendorId: string | undefined;
  readonly productId: string | undefined;
  /** Why the port cannot be used; undefined if it can. */
  readonly problem: PortProblem | undefined;
  /** What the operating system said. */
  readonly said: string | undefined;
}

/**
 * All serial ports, in order of their names. Every port is opened for a moment (exclusively, nothing is sent), so what is
 * said of permission and use is what a user would meet.
 */
export async function listPorts(binding?: SerialBinding): Promise<PortReport[]> {
  const system = binding ?? (await systemBinding());
  const found = [...(await system.list())].sort((a, b) => (a.path < b.path ? -1 : 1));
  const reports: PortReport[] = [];
  for (const { path, manufacturer, serialNumber, vendorId, productId } of found) {
    const error = await tryPort(system, path);
    reports.push({
      path,
      manufacturer,
      serialNumber,
      vendorId,
      productId,
      problem: error === undefined ? undefined : problemOf(error),
      said: error?.message,
    });
  }
  return reports;
}

async function tryPort(binding: SerialBinding, path: string): Promise<Error | undefined> {
  try {
    const port = await binding.open({ path, baudRate: usualBaud, lock: true });
    await port.close();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
