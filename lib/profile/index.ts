// lib/profile: where the time goes. Place in the whole: knows the engine and the operator table; summary.ts of lib/nn, which counts with it, knows it.
export type { OperandInfo, OperatorEvent, RangeEvent } from './events.js'
export { Profile, type ProfileOptions, profile } from './profile.js'
export type { Summary, SummaryOptions } from './summary.js'
export type { ChromeTrace, TraceEvent } from './trace.js'
