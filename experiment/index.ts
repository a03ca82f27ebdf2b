/** The experiment layer: what an experiment file imports from `plastic`. */
export { defineExperiment, openLab, streamNames } from './experiment.js';
export type {
  ExperimentDefinition,
  Lab,
  CountingLab,
  LabSetup,
  RuleOptions,
  Seeds,
  Setting,
  Settings,
  StartOptions,
  StreamName,
} from './experiment.js';
export { ExperimentError, RunFailure } from './failure.js';
export type { CompileRules } from './images.js';
export { countResources, describeResources } from './network/resources.js';
export type { Resource } from './network/resources.js';
export { partitionNetwork, runPartitioned } from './partition.js';
export type { Partition } from './partition.js';
export { drawPlacement } from './pictures/placement.js';
export {
  allButOne,
  allToAll,
  fixedNumberPost,
  fixedNumberPre,
  fixedProbability,
  fromArray,
  fromList,
  oneToOne,
} from './network/connectors.js';
export type { Connection, Connector, Weight } from './network/connectors.js';
export { Network } from './network/network.js';
export type { PopulationOptions } from './network/network.js';
export type { SourceGroup, SourceMember, TargetGroup } from './network/groups.js';
export { Population } from './network/population.js';
export { recordable } from './network/recorded.js';
export type {
  AnalogVariable,
  PopulationData,
  Recordable,
  RecordedSignal,
  RecordedSpikes,
  RecordOptions,
} from './network/recorded.js';
export type { SourceValues } from './network/source-values.js';
export { SourceView, SpikeSources } from './network/spike-sources.js';
export type { GroupValue, ParameterValues } from './network/values.js';
export { Assembly, PopulationView } from './network/views.js';
export type { AssemblyPart } from './network/views.js';
export { Projection } from './network/projection.js';
export type {
  InputProjection,
  ProjectionOptions,
  Receptor,
  RecordedCorrelation,
  RuleAttachment,
  RuleValue,
  SynapseValues,
} from './network/projection.js';
export {
  backgroundPoisson,
  backgroundRegular,
  spikeSourceArray,
  spikeSourcePoisson,
  spikeSourceRegular,
} from './network/sources.js';
export type { SourceCell } from './network/sources.js';
export { adex, bypassNeuron, cobaLif, hxNeuron, withCodes, withRaw } from './network/cells.js';
export type { AdexParameters, RawParameters, ReversalPotentials } from './network/cells.js';
export { chainCompartments, joinCircuits } from './network/morphology.js';
export type { ChainOptions, Circuit, Morphology } from './network/morphology.js';
export type { ChipCalibration, Term } from './network/calibrated.js';
export type { PlacedCircuit, PlacedNeuron } from './network/neuron-places.js';
export {
  cadc,
  cadcCounts,
  expectedDrive,
  expectedRate,
  lif,
  operatingPoints,
} from './network/neuron.js';
export type {
  CellParameters,
  LifParameters,
  NeuronSettings,
  NeuronSwitch,
} from './network/neuron.js';
export { driveBudget, judgeActivity } from './network/activity.js';
export type { Activity, DriveBudget, DriveInput } from './network/activity.js';
export { placeNetwork } from './network/placement.js';
export type {
  PlacedHalf,
  PlacedProjection,
  PlacedSynapse,
  Placement,
  PlacementOptions,
  PlasticBlock,
} from './network/placement.js';
export { correlatedSpikes, joinStimuli, poissonSpikes, regularSpikes } from './network/stimuli.js';
export type { Correlation, Stimulus } from './network/stimuli.js';
export { inModel, modelRate, modelTime, onChip, speedUp } from './network/model-time.js';
export type { ModelRate, ModelTime } from './network/model-time.js';
export { madcCode, madcRate, madcVolts } from './network/madc.js';
export { Session } from './session.js';
export type { SessionOptions } from './session.js';
export { Simulation, defaultSensors } from './simulation.js';
export type {
  Action,
  MembraneSamples,
  Piece,
  PieceOptions,
  SimulationOptions,
  SpikeTrains,
} from './simulation.js';
export type { Execution, LoadedImage, RuleImage, RuleLog } from './rule.js';
export { addRecords } from './records.js';
export type { Recorded, RecordedRow } from './records.js';
export { addRuleLog } from './rule-report.js';
export { Results } from './results.js';
export type { ArrayFile, Picture, SummaryValue } from './results.js';
export { decodeCsv, encodeCsv, encodeMarkdown } from './output/csv.js';
export type { Cell, Table } from './output/csv.js';
export { decodeNpy, decodeNpz, encodeNpy, encodeNpz, ndarray } from './output/npy.js';
export type { ArraySet, NdArray, Values } from './output/npy.js';
export { writeResultFolder } from './output/folder.js';
export type { RunDescription } from './output/folder.js';
export { loadExperiment } from './load.js';
export type { LoadedExperiment } from './load.js';
export {
  scoreAnswers,
  trainLogistic,
  trainNearestMean,
  trainTemplate,
  uniqueMaximum,
} from './data/classification.js';
export type { Classifier, Features, LogisticOptions, Score } from './data/classification.js';
export { activate, fitReceptors } from './data/receptors.js';
export type { ReceptorField } from './data/receptors.js';
export { splitStratified } from './data/split.js';
export type { Split } from './data/split.js';
export { comparePaired, studentQuantile, summarise, wilsonInterval } from './data/statistics.js';
export type { Summary } from './data/statistics.js';
export { drawDrive } from './pictures/budget.js';
export type { Drive, DriveOptions } from './pictures/budget.js';
export { drawConfusion, drawWeightChange, drawWeightHistory } from './pictures/matrix.js';
export type { Matrix, WeightHistory } from './pictures/matrix.js';
export { drawRaster } from './pictures/raster.js';
export type { RasterGroup, RasterOptions } from './pictures/raster.js';
export { drawTimeline } from './pictures/timeline.js';
export type { TimelineOptions } from './pictures/timeline.js';
export { drawCurves, drawMembranes } from './pictures/trace.js';
export type { Curve, CurvesOptions, MembraneOptions, MembraneTrace } from './pictures/trace.js';
