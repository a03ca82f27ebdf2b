/** The public entry of Plastic: everything an experiment, a tool or a notebook may import. */

// Experiments: networks, stimuli, rules, results, pictures.
export {
  activate,
  addRecords,
  addRuleLog,
  allButOne,
  allToAll,
  cadc,
  cadcCounts,
  comparePaired,
  correlatedSpikes,
  decodeCsv,
  decodeNpy,
  decodeNpz,
  defaultSensors,
  defineExperiment,
  drawConfusion,
  drawCurves,
  drawDrive,
  drawMembranes,
  drawRaster,
  drawTimeline,
  drawWeightChange,
  drawWeightHistory,
  driveBudget,
  encodeCsv,
  encodeMarkdown,
  encodeNpy,
  encodeNpz,
  expectedDrive,
  expectedRate,
  ExperimentError,
  fitReceptors,
  fromList,
  joinStimuli,
  judgeActivity,
  lif,
  loadExperiment,
  madcCode,
  madcRate,
  madcVolts,
  ndarray,
  Network,
  oneToOne,
  openLab,
  operatingPoints,
  placeNetwork,
  poissonSpikes,
  regularSpikes,
  Results,
  RunFailure,
  scoreAnswers,
  Simulation,
  splitStratified,
  streamNames,
  studentQuantile,
  summarise,
  trainLogistic,
  trainNearestMean,
  trainTemplate,
  uniqueMaximum,
  wilsonInterval,
  writeResultFolder,
} from './experiment/index.js';
export type {
  Activity,
  ArrayFile,
  ArraySet,
  Cell,
  Classifier,
  Connection,
  Connector,
  Correlation,
  Curve,
  CurvesOptions,
  Drive,
  DriveBudget,
  DriveOptions,
  Execution,
  ExperimentDefinition,
  Features,
  Lab,
  LabSetup,
  LifParameters,
  LoadedExperiment,
  LogisticOptions,
  Matrix,
  MembraneOptions,
  MembraneSamples,
  MembraneTrace,
  NdArray,
  NeuronSettings,
  Picture,
  Piece,
  PieceOptions,
  PlacedProjection,
  PlacedSynapse,
  Placement,
  Population,
  Projection,
  ProjectionOptions,
  RasterGroup,
  RasterOptions,
  Recorded,
  RecordedRow,
  ReceptorField,
  RuleAttachment,
  RuleImage,
  RuleLog,
  RuleOptions,
  RunDescription,
  Score,
  Seeds,
  Setting,
  Settings,
  SimulationOptions,
  SpikeSources,
  SpikeTrains,
  Split,
  StartOptions,
  Stimulus,
  StreamName,
  Summary,
  SummaryValue,
  Table,
  TimelineOptions,
  Values,
  Weight,
  WeightHistory,
} from './experiment/index.js';

// Rules: from text to machine code and back to meaning.
export { compile, compilerVersion } from './compiler/compile.js';
export type { Compiled, CompiledRule, CompileOptions } from './compiler/compile.js';
export { parse } from './compiler/syntax/parse.js';
export { check } from './compiler/check/check.js';
export { evaluateExact } from './compiler/evaluate-exact.js';
export { evaluateReal } from './compiler/evaluate-real.js';
export { hasErrors } from './compiler/diagnostics/codes.js';
export { renderAll as renderDiagnostics } from './compiler/diagnostics/render.js';
export { toJson as diagnosticToJson } from './compiler/diagnostics/json.js';
export { explain } from './compiler/diagnostics/explain.js';
export type { Diagnostic, Severity } from './compiler/diagnostics/diagnostic.js';
export type { SourceText, Span } from './compiler/diagnostics/source.js';

// What an editor asks about a rule file.
export {
  analyse,
  completionsAt,
  definitionAt,
  hoverAt,
  outlineOf,
  referencesAt,
  renameAt,
} from './compiler/service/index.js';

// Chips and boards.
export { Chip, ChipSnapshotError } from './emulator/index.js';
export type { ChipDescription, ChipOptions, ChipSnapshot } from './emulator/index.js';
export { PpuCore } from './emulator/ppu/core.js';
export { BareBus } from './emulator/ppu/bus.js';
export type { PpuBus } from './emulator/ppu/bus.js';
export { PpuMemory } from './emulator/ppu/memory.js';
export { defaultPpuOptions } from './emulator/ppu/options.js';
export type { PpuOptions } from './emulator/ppu/options.js';
export { BoardError, InProcessBoard } from './board/index.js';
export type { Board, BoardInfo, RunOptions, RunProgress } from './board/board.js';

// The hardware as software sees it: messages, registers, instructions, programs.
export { decodeToFpga, PlaybackWriter, ResponseReader } from './isa/playback/index.js';
export { addressOf, decodeContainer, encodeContainer } from './isa/registers/registers.js';
export {
  entryOfColumn,
  neuronAt,
  placeOfNeuron,
  quadOfColumn,
} from './isa/registers/coordinates.js';
export { instructions } from './isa/table/index.js';
export { decode } from './isa/decode.js';
export { encode, EncodeError } from './isa/encode.js';
export { disassemble } from './isa/disassemble.js';
export { assemble, assembleObject, AssemblerError, renderProblem } from './isa/assembler/index.js';
export { link, LinkError } from './isa/linker.js';
export { listProgram, renderListing } from './isa/listing.js';
export { ElfError, readElf, readObject, writeElf, writeObject } from './isa/elf/index.js';
export { address, high, highAdjusted, low, ObjectBuilder, symbol } from './isa/object-builder.js';
export type { ObjectFile, Program } from './isa/program.js';

// Numbers that are the same on every machine.
export * as elementary from './isa/numeric/elementary.js';
export { Stream } from './isa/numeric/random.js';
