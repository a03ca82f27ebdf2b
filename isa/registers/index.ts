/** The chip's register map and the coordinates of what it configures. */
export { containers, type ContainerRow, type StrideRow, type WordRow } from './map.js';
export {
  addressesOf,
  addressOf,
  containerNames,
  containerRow,
  decodeContainer,
  encodeContainer,
  fieldMask,
  hostDefault,
  instanceCount,
  RegisterError,
  type ContainerName,
  type FieldName,
  type Indices,
} from './registers.js';
export * from './coordinates.js';
export {
  capmemRowOf,
  neuronCapmemRows,
  sharedCapmemCells,
  type NeuronParameter,
  type SharedCellRow,
  type SharedParameter,
} from './capmem.js';
export {
  backendSettings,
  backendWords,
  crossbarDropAll,
  crossbarWord,
  driverSettings,
  driverWords,
  type BackendSettings,
  type DriverSettings,
} from './logical.js';
