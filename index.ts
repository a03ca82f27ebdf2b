/** The public entry of Plastic: everything an experiment or a tool may import. */
export {};
