// WAVE files. Place in the whole: a format of decodeAudio. Format: RIFF WAVE as Microsoft and IBM define it (mmreg.h), with PCM of 8
// to 32 bits, floats, and the extensible header; what is compressed (A-law, mu-law, IMA ADPCM) goes through the package wavefile.
import { RecordError } from '../errors.js'
import type { Audio } from './decodeAudio.js'
import { decodeElements } from './elements.js'

const PCM = 1
const FLOAT = 3
const A_LAW = 6
const MU_LAW = 7
const IMA_ADPCM = 17
const EXTENSIBLE = 0xfffe
/** Written by programs that did not know the length when they began. */
const UNKNOWN_SIZE = 0xffffffff

export const isWav = (bytes: Buffer): boolean =>
  bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WAVE'

interface Wav {
  readonly format: number
  readonly channels: number
  readonly sampleRate: number
  readonly bits: number
  readonly data: Buffer
}

export async function decodeWav(bytes: Buffer, file: string, base = 0): Promise<Audio> {
  const wav = parse(bytes, file, base)
  if ([A_LAW, MU_LAW, IMA_ADPCM].includes(wav.format)) return decompressed(bytes, wav, file, base)
  const { channels, sampleRate, data, bits } = wav
  const known = wav.format === FLOAT ? [32, 64] : wav.format === PCM ? [8, 16, 24, 32] : []
  if (!known.includes(bits)) {
    const reason = `holds format ${wav.format} of ${bits} bits, expected PCM of 8, 16, 24 or 32 bits or floats of 32 or 64`
    throw new RecordError(reason, { file, offset: base })
  }
  const frames = Math.floor(data.length / (bits / 8) / channels)
  const woven = toFloats(wav, frames * channels)
  const samples = new Float32Array(woven.length)
  for (let c = 0; c < channels; c++) {
    for (let i = 0, from = c; i < frames; i++, from += channels) samples[c * frames + i] = woven[from] as number
  }
  return { samples, channels, frames, sampleRate }
}

/** The chunks that matter, each checked against the file's end. */
function parse(bytes: Buffer, file: string, base: number): Wav {
  const fail = (reason: string, at: number) => new RecordError(reason, { file, offset: base + at })
  if (!isWav(bytes)) throw fail('begins otherwise than a WAVE file', 0)
  let format: Omit<Wav, 'data'> | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4)
    const told = bytes.readUInt32LE(at + 4)
    const size = id === 'data' && told === UNKNOWN_SIZE ? bytes.length - at - 8 : told
    const begin = at + 8
    if (begin + size > bytes.length)
      throw fail(`chunk '${id}' of ${size} bytes, but ${bytes.length - begin} bytes are left`, at)
    if (id === 'fmt ') {
      if (size < 16) throw fail(`chunk 'fmt ' of ${size} bytes, expected at least 16`, at)
      const tag = bytes.readUInt16LE(begin)
      // The format proper then stands at the beginning of the sub-format's identifier.
      const extended = tag === EXTENSIBLE && size >= 26
      format = {
        format: extended ? bytes.readUInt16LE(begin + 24) : tag,
        channels: bytes.readUInt16LE(begin + 2),
        sampleRate: bytes.readUInt32LE(begin + 4),
        bits: bytes.readUInt16LE(begin + 14),
      }
      if (format.channels === 0 || format.sampleRate === 0)
        throw fail(`tells ${format.channels} channels and ${format.sampleRate} Hz`, at)
    }
    if (id === 'data') {
      if (format === undefined) throw fail(`chunk 'data' before chunk 'fmt '`, at)
      return { ...format, data: bytes.subarray(begin, begin + size) }
    }
    // Chunks begin at even places.
    at = begin + size + (size % 2)
  }
  throw fail(`ends without a chunk 'data'`, bytes.length)
}

/** Numbers from -1 to 1, still interleaved. */
function toFloats({ format, bits, data }: Wav, count: number): ArrayLike<number> {
  if (format === FLOAT)
    return decodeElements(data, bits === 32 ? 'f32' : 'f64', count, true) as Float32Array | Float64Array
  const samples = new Float32Array(count)
  // 8-bit samples are unsigned, all others signed.
  if (bits === 8) for (let i = 0; i < count; i++) samples[i] = ((data[i] as number) - 128) / 128
  else if (bits === 16) for (let i = 0; i < count; i++) samples[i] = data.readInt16LE(i * 2) / 2 ** 15
  else if (bits === 24) for (let i = 0; i < count; i++) samples[i] = data.readIntLE(i * 3, 3) / 2 ** 23
  else for (let i = 0; i < count; i++) samples[i] = data.readInt32LE(i * 4) / 2 ** 31
  return samples
}

async function decompressed(bytes: Buffer, { format }: Wav, file: string, base: number): Promise<Audio> {
  const { default: wavefile } = await import('wavefile')
  let pcm: Buffer
  try {
    const wav = new wavefile.WaveFile(bytes)
    if (format === A_LAW) wav.fromALaw('16')
    else if (format === MU_LAW) wav.fromMuLaw('16')
    else wav.fromIMAADPCM('16')
    pcm = Buffer.from(wav.toBuffer())
  } catch (cause) {
    throw new RecordError(`cannot be decompressed: ${(cause as Error).message}`, { file, offset: base }, { cause })
  }
  return decodeWav(pcm, file, base)
}
