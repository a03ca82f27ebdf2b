/** The public entry of Plastic: everything an experiment, a tool or a notebook may import. */

// Experiments: networks, stimuli, rules, results, pictures.
export {
  activate,
  addRecords,
  addRuleLog,
  adex,
  allButOne,
  allToAll,
  Assembly,
  backgroundPoisson,
  backgroundRegular,
  bypassNeuron,
  cadc,
  cadcCounts,
  chainCompartments,
  cobaLif,
  comparePaired,
  correlatedSpikes,
  countResources,
  describeResources,
  drawPlacement,
  partitionNetwork,
  runPartitioned,
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
  fixedNumberPost,
  fixedNumberPre,
  fixedProbability,
  fromArray,
  fromList,
  hxNeuron,
  inModel,
  joinCircuits,
  joinStimuli,
  judgeActivity,
  lif,
  loadExperiment,
  madcCode,
  madcRate,
  madcVolts,
  modelRate,
  modelTime,
  ndarray,
  Network,
  onChip,
  oneToOne,
  openLab,
  operatingPoints,
  placeNetwork,
  poissonSpikes,
  Population,
  PopulationView,
  Projection,
  regularSpikes,
  Results,
  RunFailure,
  scoreAnswers,
  Session,
  Simulation,
  SourceView,
  speedUp,
  spikeSourceArray,
  spikeSourcePoisson,
  spikeSourceRegular,
  SpikeSources,
  splitStratified,
  streamNames,
  studentQuantile,
  summarise,
  trainLogistic,
  trainNearestMean,
  trainTemplate,
  uniqueMaximum,
  wilsonInterval,
  withCodes,
  withRaw,
  writeResultFolder,
} from './experiment/index.js';
export type {
  Action,
  Activity,
  AdexParameters,
  AnalogVariable,
  ArrayFile,
  ArraySet,
  AssemblyPart,
  Cell,
  ChainOptions,
  CellParameters,
  ChipCalibration,
  Circuit,
  Classifier,
  Connection,
  Connector,
  Correlation,
  Curve,
  CurvesOptions,
  Drive,
  DriveBudget,
  DriveInput,
  DriveOptions,
  Execution,
  ExperimentDefinition,
  Features,
  GroupValue,
  InputProjection,
  Lab,
  CountingLab,
  LabSetup,
  LifParameters,
  LoadedExperiment,
  LoadedImage,
  LogisticOptions,
  Matrix,
  MembraneOptions,
  MembraneSamples,
  MembraneTrace,
  ModelRate,
  ModelTime,
  Morphology,
  NdArray,
  NeuronSettings,
  NeuronSwitch,
  ParameterValues,
  Partition,
  Picture,
  Resource,
  Piece,
  PieceOptions,
  PlacedCircuit,
  PlacedHalf,
  PlacedNeuron,
  PlacedProjection,
  PlacedSynapse,
  Placement,
  PlacementOptions,
  PlasticBlock,
  PopulationData,
  PopulationOptions,
  ProjectionOptions,
  RasterGroup,
  RasterOptions,
  RawParameters,
  Receptor,
  ReceptorField,
  Recordable,
  Recorded,
  RecordedCorrelation,
  RecordedRow,
  RecordedSignal,
  RecordedSpikes,
  RecordOptions,
  ReversalPotentials,
  RuleAttachment,
  RuleImage,
  RuleLog,
  RuleOptions,
  RuleValue,
  RunDescription,
  Score,
  Seeds,
  SessionOptions,
  Setting,
  Settings,
  SimulationOptions,
  SourceCell,
  SourceGroup,
  SourceMember,
  SourceValues,
  SpikeTrains,
  Split,
  StartOptions,
  Stimulus,
  StreamName,
  Summary,
  SummaryValue,
  SynapseValues,
  Table,
  TargetGroup,
  Term,
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
export type { ChipDescription, ChipOptions, ChipSnapshot, Energy } from './emulator/index.js';
export { PpuCore } from './emulator/ppu/core.js';
export { BareBus } from './emulator/ppu/bus.js';
export type { PpuBus } from './emulator/ppu/bus.js';
export { PpuMemory } from './emulator/ppu/memory.js';
export { defaultPpuOptions } from './emulator/ppu/options.js';
export type { PpuOptions } from './emulator/ppu/options.js';
export { ChipTrace } from './emulator/trace/chip-trace.js';
export {
  BoardError,
  BoardServer,
  CapturingBoard,
  connectorFor,
  EmulatedMachine,
  GreetingError,
  InProcessBoard,
  LinkDownError,
  BoardLinkError,
  listenPty,
  listenTcp,
  listenUdp,
  openBoard,
  openWire,
  PortError,
  readCapture,
  ReplayBoard,
  webSerialConnector,
  WireBoard,
} from './board/index.js';
export type { Board, BoardInfo, RunOptions, RunProgress } from './board/board.js';
export type { OpenOptions, ServerEvent, ServerLimits, ServerOptions } from './board/index.js';
export { flash, FlashError } from './board/flash/flash.js';
export type { FlashEvent, FlashOptions, FlashReport } from './board/flash/flash.js';
export { planFlash, PlanError } from './board/flash/plan.js';
export { readMetadata } from './board/flash/metadata.js';
export { benchBoard } from './board/tools/bench.js';
export { describeBoard } from './board/tools/info.js';
export { listPorts } from './board/tools/ports.js';
export { monitorBoard } from './board/tools/monitor.js';
export { selfTest } from './board/tools/selftest.js';

// What a virtual or real chip needs to be told so that its neurons are equal.
export {
  calibrate,
  CalibrationError,
  CalibrationMismatch,
  calibrationTargets,
  checkDie,
  chipCalibration,
  encodeCalibration,
  parseCalibration,
} from './experiment/calibration/index.js';
export type {
  Calibration,
  CalibrationOptions,
  CalibrationProgress,
  CalibrationTargets,
} from './experiment/calibration/index.js';

// The hardware as software sees it: messages, registers, instructions, programs.
export { decodeToFpga, PlaybackWriter, ResponseReader } from './isa/playback/index.js';
export { addressOf, decodeContainer, encodeContainer } from './isa/registers/registers.js';
export {
  entryOfColumn,
  neuronAt,
  placeOfNeuron,
  quadOfColumn,
  weightAddress,
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
