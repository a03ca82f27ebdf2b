/** See probe.mjs. */
export function learn(load: (path: string) => Promise<unknown>): Promise<Record<string, unknown>>;
