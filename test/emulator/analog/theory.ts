import { readFileSync } from 'node:fs';

interface Theory {
  readonly lif_fI: {
    readonly cases: readonly {
      readonly tau_m: number;
      readonly t_ref: number;
      readonly I_over_g: number;
      readonly v_th: number;
      readonly v_reset: number;
      readonly rate: number;
    }[];
  };
  readonly psp: {
    readonly cases: readonly {
      readonly tau_m: number;
      readonly tau_s: number;
      readonly A: number;
      readonly tpk: number;
      readonly vpk: number;
    }[];
  };
  readonly adex: {
    readonly cases: readonly {
      readonly pattern: string;
      readonly params: readonly number[];
      readonly n_spikes: number;
      readonly first_spikes_ms: readonly number[];
    }[];
  };
  readonly correlation: {
    readonly pre: readonly number[];
    readonly post: readonly number[];
    readonly causal: number;
    readonly acausal: number;
  };
  readonly chain: {
    readonly cases: readonly {
      readonly N: number;
      readonly g_icc_over_g_leak: number;
      readonly v_over_v0: readonly number[];
    }[];
  };
}

export const theory = JSON.parse(
  readFileSync(new URL('../../golden/theory.json', import.meta.url), 'utf8'),
) as Theory;
