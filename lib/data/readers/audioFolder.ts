// A folder of recordings for each class. Place in the whole: commands, sounds and speakers; resampling and spectra are in lib/audio.
import { resolve } from 'node:path'
import { known } from '../../check.js'
import type { HostArray } from '../batch.js'
import type { SampleContext } from '../context.js'
import { type Dataset, type DatasetModule, int } from '../dataset.js'
import { DataError, RecordError } from '../errors.js'
import { whole } from '../options.js'
import {
  CLASS_FOLDER_OPTIONS,
  type ClassFiles,
  ClassFolderDataset,
  type ClassFolderOptions,
  classFolders,
} from './classFolders.js'
import { AUDIO_EXTENSIONS, type Audio, decodeAudio } from './decodeAudio.js'
import { readWhole } from './files.js'

export interface AudioOptions {
  /** Frames of every sample, so that they make batches: longer recordings are cut, shorter ones end in silence. Default: as they are. */
  readonly frames?: number
  /** Which part of a longer recording is taken: 'start' (default), or 'random', otherwise in each epoch. */
  readonly crop?: 'start' | 'random'
  /** One channel, the mean of them. Default false. */
  readonly mono?: boolean
  /** Frames a second that recordings must have; others are corrupt records. Default: any. */
  readonly sampleRate?: number
}

export interface AudioFolderOptions extends AudioOptions, ClassFolderOptions {}

export interface AudioSample {
  /** f32 (channels, frames), from -1 to 1. */
  readonly audio: HostArray
  /** Frames a second, i32. */
  readonly sampleRate: HostArray
  /** Frames that are not the silence behind, i32. */
  readonly length: HostArray
  /** Number of the class, i32. */
  readonly label: HostArray
}

/** Recordings and their classes, by index. */
export class AudioDataset extends ClassFolderDataset implements Dataset<AudioSample> {
  readonly #options: AudioOptions

  constructor(list: ClassFiles, options: AudioOptions, from: DatasetModule) {
    super(list, from)
    this.#options = options
  }

  async get(index: number, context?: SampleContext): Promise<AudioSample> {
    const file = this.fileOf(index)
    const audio = await decodeAudio(await readWhole('audioFolder', file), file)
    const { frames = audio.frames, crop = 'start', mono = false, sampleRate = audio.sampleRate } = this.#options
    if (audio.sampleRate !== sampleRate)
      throw new RecordError(`has ${audio.sampleRate} frames a second, expected ${sampleRate}: resample it`, { file })
    const spare = Math.max(0, audio.frames - frames)
    const start = crop === 'random' && context !== undefined ? context.random.int(spare + 1) : 0
    return {
      audio: part(audio, start, frames, mono),
      sampleRate: int(sampleRate),
      length: int(Math.min(frames, audio.frames)),
      label: int(this.labels[index] as number),
    }
  }
}

function part({ samples, channels, frames: all }: Audio, start: number, frames: number, mono: boolean): HostArray {
  const data = new Float32Array((mono ? 1 : channels) * frames)
  for (let c = 0; c < channels; c++) {
    const channel = samples.subarray(c * all + start, c * all + Math.min(start + frames, all))
    if (!mono) data.set(channel, c * frames)
    else for (let i = 0; i < channel.length; i++) data[i] = (data[i] as number) + (channel[i] as number) / channels
  }
  return { data, shape: [mono ? 1 : channels, frames] }
}

/**
 * Recordings in folders that are named for their classes: root/yes/1.wav, root/no/2.flac. Samples are {audio: f32 (channels, frames),
 * sampleRate, length, label: i32}. The result is a dataset, and can be given to a DataLoader with workers.
 *
 * @throws DataError DATA_FILE where there is no such folder, no class in it, or a class without recordings
 * @throws ValueError, DataError DATA_OPTIONS for options that are not as described
 */
export async function audioFolder(root: string, options: AudioFolderOptions = {}): Promise<AudioDataset> {
  known('audioFolder', options, [...CLASS_FOLDER_OPTIONS, 'frames', 'crop', 'mono', 'sampleRate'])
  const { frames = 1, sampleRate = 1, crop = 'start' } = options
  whole('audioFolder', 'frames', frames, 1)
  whole('audioFolder', 'sampleRate', sampleRate, 1)
  if (crop !== 'start' && crop !== 'random')
    throw new DataError('DATA_OPTIONS', `audioFolder: crop is ${JSON.stringify(crop)}, expected 'start' or 'random'`)
  const list = await classFolders('audioFolder', root, AUDIO_EXTENSIONS, options)
  return new AudioDataset(list, options, {
    module: import.meta.url,
    export: 'audioFolder',
    args: [resolve(root), options],
  })
}
