// One encoded recording becomes samples. Place in the whole: audio readers and WebDataset shards. WAVE is read here; FLAC and Ogg
// Vorbis by libFLAC and libvorbis in WebAssembly, which are loaded when the first such file is met.
import type { HostArray } from '../batch.js'
import { DataError, RecordError } from '../errors.js'
import { decodeWav, isWav } from './wav.js'

export interface Audio {
  /** (channels, frames), from -1 to 1. */
  readonly samples: Float32Array
  readonly channels: number
  readonly frames: number
  /** Frames a second. */
  readonly sampleRate: number
}

export const AUDIO_EXTENSIONS: readonly string[] = ['.wav', '.flac', '.ogg', '.oga']

/** What the decoders of the packages @wasm-audio-decoders have in common. */
interface WasmDecoder {
  readonly ready: Promise<void>
  decodeFile(bytes: Uint8Array): Promise<{
    readonly channelData: readonly Float32Array[]
    readonly samplesDecoded: number
    readonly sampleRate: number
    /** Of FLAC. */
    readonly bitDepth?: number
    readonly errors: readonly { readonly message: string; readonly inputBytes: number }[]
  }>
  free(): void
}

async function wasmDecoder(format: 'flac' | 'ogg-vorbis'): Promise<WasmDecoder> {
  try {
    if (format === 'flac') return new (await import('@wasm-audio-decoders/flac')).FLACDecoder() as WasmDecoder
    return new (await import('@wasm-audio-decoders/ogg-vorbis')).OggVorbisDecoder() as WasmDecoder
  } catch (cause) {
    const name = `@wasm-audio-decoders/${format}`
    throw new DataError('DATA_OPTIONS', `audio is decoded by ${name}, which cannot be loaded: npm install ${name}`, {
      cause,
    })
  }
}

/**
 * A recording: WAVE (PCM of 8 to 32 bits, floats, A-law, mu-law, IMA ADPCM), FLAC or Ogg Vorbis, told by its first bytes.
 * @param file what errors call it
 * @throws RecordError for what cannot be decoded
 */
export async function decodeAudio(bytes: Buffer, file: string, offset = 0): Promise<Audio> {
  if (isWav(bytes)) return decodeWav(bytes, file, offset)
  const magic = bytes.toString('latin1', 0, 4)
  if (magic !== 'fLaC' && magic !== 'OggS')
    throw new RecordError('is neither WAVE, FLAC nor Ogg Vorbis', { file, offset })
  const decoder = await wasmDecoder(magic === 'fLaC' ? 'flac' : 'ogg-vorbis')
  try {
    await decoder.ready
    const { channelData, samplesDecoded: frames, sampleRate, bitDepth, errors } = await decoder.decodeFile(bytes)
    const [error] = errors
    if (error !== undefined) throw new RecordError(`cannot be decoded: ${error.message}`, { file, offset })
    if (channelData.length === 0 || frames === 0)
      throw new RecordError('cannot be decoded: no frames', { file, offset })
    const samples = new Float32Array(channelData.length * frames)
    channelData.forEach((channel, c) => {
      samples.set(channel.subarray(0, frames), c * frames)
    })
    if (bitDepth !== undefined) rescale(samples, bitDepth)
    return { samples, channels: channelData.length, frames, sampleRate }
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    throw new RecordError(`cannot be decoded: ${(cause as Error).message}`, { file, offset }, { cause })
  } finally {
    decoder.free()
  }
}

/** The decoder divides by the largest number of the depth; here as of WAVE it is by the power of two above, exactly. */
function rescale(samples: Float32Array, bitDepth: number): void {
  const half = 2 ** (bitDepth - 1)
  for (let i = 0; i < samples.length; i++) samples[i] = Math.round((samples[i] as number) * (half - 1)) / half
}

export const audioArray = ({ samples, channels, frames }: Audio): HostArray => ({
  data: samples,
  shape: [channels, frames],
})
