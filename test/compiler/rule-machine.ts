/** The bare machine that `plastic compare` runs compiled rules on, for the tests of the compiler. */
export { RuleMachine } from '../../cli/compare/rule-machine.js';
export { SynapseBus } from '../../cli/compare/synapse-bus.js';
export { traceOf } from '../../cli/compare/machine-trace.js';
