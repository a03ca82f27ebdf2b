/** The experiment layer: what an experiment file imports from `plastic`. */
export { defineExperiment, openLab, streamNames } from './experiment.js';
export type {
  ExperimentDefinition,
  Lab,
  LabSetup,
  RuleOptions,
  Seeds,
  Setting,
  Settings,
  StartOptions,
  StreamName,
} from './experiment.js';
export { ExperimentError, RunFailure } from './failure.js';
export { Network, allButOne, allToAll, fromList, oneToOne } from './network/network.js';
export type {
  Connection,
  Connector,
  Population,
  Projection,
  ProjectionOptions,
  RuleAttachment,
  SpikeSources,
  Weight,
} from './network/network.js';
export {
  cadc,
  cadcCounts,
  expectedDrive,
  expectedRate,
  lif,
  operatingPoints,
} from './network/neuron.js';
export type { LifParameters, NeuronSettings } from './network/neuron.js';
export { driveBudget, judgeActivity } from './network/activity.js';
export type { Activity, DriveBudget } from './network/activity.js';
export { placeNetwork } from './network/placement.js';
export type { PlacedProjection, PlacedSynapse, Placement } from './network/placement.js';
export { correlatedSpikes, joinStimuli, poissonSpikes, regularSpikes } from './network/stimuli.js';
export type { Correlation, Stimulus } from './network/stimuli.js';
export { madcCode, madcRate, madcVolts } from './network/madc.js';
export { Simulation, defaultSensors } from './simulation.js';
export type {
  MembraneSamples,
  Piece,
  PieceOptions,
  SimulationOptions,
  SpikeTrains,
} from './simulation.js';
export type { Execution, RuleImage, RuleLog } from './rule.js';
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
