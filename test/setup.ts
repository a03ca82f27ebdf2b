/** One seed for every property, so that a run can be repeated; PLASTIC_SEED=N looks elsewhere. */
import process from 'node:process';
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['PLASTIC_SEED'] ?? 1) });
