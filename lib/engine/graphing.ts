/**
 * Whether a graph of a device's commands is being made (lib/graphs), and how far that is. Place in the whole: what counts on the host, or
 * makes something once, asks here.
 */
export const graphing: {
  /** 'run': as it is, before it is recorded; 'record': nothing runs. */
  phase: 'none' | 'run' | 'record'
  device: string
} = { phase: 'none', device: '' }

/** Whether what is asked of `device` now will be done again without JavaScript. */
export const willRepeat = (device: string): boolean => graphing.phase !== 'none' && graphing.device === device
/** Whether it is being recorded, and not done. */
export const isRecorded = (device: string): boolean => graphing.phase === 'record' && graphing.device === device
