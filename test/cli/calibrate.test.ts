import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import yargs from 'yargs';
import { calibrateCommand, readNeurons } from '../../cli/commands/calibrate.js';
import { readConstants } from '../../cli/constants-file.js';
import { parseCalibration } from '../../experiment/calibration/index.js';

let folder = '';
let out = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plastic-calibrate-'));
  out = '';
  // No progress bar, wherever the tests are run.
  process.stderr.isTTY = false;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Runs the command as the shell would. */
async function calibrate(...words: string[]): Promise<void> {
  await yargs(['calibrate', ...words])
    .command(calibrateCommand)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    })
    .parseAsync();
}

describe('plastic calibrate', () => {
  it('writes a file that names the die, keeps it from being overwritten, and goes on with it', async () => {
    const file = join(folder, 'chip7.json');
    const some = ['--chip', '7', '-o', file, '--neurons', '4', '--quick'];
    await calibrate(...some, '--stages', 'leak', '--json');
    const summary = JSON.parse(out) as { complete: boolean; stages: string[] };
    expect(summary).toMatchObject({ complete: false, stages: ['leak'] });
    const first = parseCalibration(readFileSync(file, 'utf8'));
    expect(first.die).toMatchObject({ seed: 7, law: 'uncalibrated' });
    await expect(calibrate(...some)).rejects.toThrow(/--resume/);
    await calibrate('--chip', '7', '-o', file, '--quick', '--resume', '--stages', 'reset', '-q');
    const second = parseCalibration(readFileSync(file, 'utf8'));
    expect(second.stages).toEqual(['leak', 'reset']);
    expect(second.codes.v_leak).toEqual(first.codes.v_leak);
    await expect(
      calibrate('--chip', '8', '-o', file, '--resume', '--stages', 'leak'),
    ).rejects.toThrow(/virtual chip 7.*virtual chip 8/);
    expect(readFileSync(file, 'utf8')).toContain('"seed": 7');
  });

  it('says its stages where there is no terminal; interrupted it keeps those that are done, and goes on', async () => {
    const file = join(folder, 'chip7.json');
    let said = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += String(text);
      // Ctrl-C while the second stage measures.
      if (String(text).includes('% reset')) process.listeners('SIGINT').at(-1)?.('SIGINT');
      return true;
    });
    const some = ['--chip', '7', '-o', file, '--neurons', '4', '--quick'];
    await calibrate(...some, '--stages', 'leak,reset');
    expect(process.exitCode).toBe(130);
    expect(said).toMatch(
      /^ {2}\d % leak\n ?\d\d % reset\ninterrupted after leak; go on with --resume\n$/,
    );
    expect(parseCalibration(readFileSync(file, 'utf8')).stages).toEqual(['leak']);
    process.exitCode = undefined;
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await calibrate(...some, '--resume', '--stages', 'reset');
    expect(parseCalibration(readFileSync(file, 'utf8')).stages).toEqual(['leak', 'reset']);
    expect(process.exitCode).toBeUndefined();
  });

  it('says what is wrong with a command line and writes nothing', async () => {
    const file = join(folder, 'no.json');
    await expect(calibrate('-o', file)).rejects.toThrow(/--chip SEED/);
    await expect(calibrate('--chip', 'seven', '-o', file)).rejects.toThrow(/seed/);
    await expect(calibrate('--chip', '7', '-o', file, '--stages', 'leek')).rejects.toThrow(/leak/);
    await expect(calibrate('--chip', '7', '-o', file, '--set', 'leek=3')).rejects.toThrow(/leak/);
    await expect(calibrate('--chip', '7', '-o', file, '--resume')).rejects.toThrow(/no file/);
    expect(existsSync(file)).toBe(false);
    expect(readNeurons('0-3,300')).toEqual([0, 1, 2, 3, 300]);
    expect(() => readNeurons('5-600')).toThrow(/0..511/);
  });

  it('names unknown constants with the nearest known one', () => {
    const file = join(folder, 'constants.json');
    writeFileSync(file, '{ "membraneNoize": 2 }');
    expect(() => readConstants(file)).toThrow(/membraneNoise/);
    writeFileSync(file, '{ "membraneNoise": "big" }');
    expect(() => readConstants(file)).toThrow(/expected a number/);
    writeFileSync(file, '{ "membraneNoise": 2 }');
    expect(readConstants(file)).toEqual({ membraneNoise: 2 });
  });
});
