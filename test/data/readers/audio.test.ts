// Recordings: what SciPy and wave wrote, compressed ones, and headers that lie.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import wavefile from 'wavefile'
import { audioFolder, DataLoader, decodeAudio, disposeBatch } from '#lib/data/index.js'
import { flac } from './flac.js'
import { survives } from './mutate.js'

interface Golden {
  wav: { name: string; file: string; values: string[] }[]
}
const golden: Golden = JSON.parse(readFileSync(new URL('../../golden/readers.json', import.meta.url), 'utf8'))
const bytesOf = (name: string) => Buffer.from(golden.wav.find((wav) => wav.name === name)?.file as string, 'base64')

describe('decodeAudio', () => {
  it.each(golden.wav)('reads WAVE of $name', async ({ file, values }) => {
    const { samples, ...rest } = await decodeAudio(Buffer.from(file, 'base64'), 'x.wav')
    expect(rest).toEqual({ channels: 2, frames: 11, sampleRate: 8000 })
    expect([...samples]).toEqual(values.map((v) => Math.fround(Number(v))))
  })

  it.each([
    ['A-law', (wav: wavefile.WaveFile) => wav.toALaw(), 0.05],
    ['mu-law', (wav: wavefile.WaveFile) => wav.toMuLaw(), 0.05],
    ['IMA ADPCM', (wav: wavefile.WaveFile) => wav.toIMAADPCM(), 0.15],
  ])('reads WAVE of %s', async (_, compress, error) => {
    const wave = Array.from({ length: 505 }, (__, i) => Math.round(20000 * Math.sin(i / 20)))
    const wav = new wavefile.WaveFile()
    wav.fromScratch(1, 8000, '16', wave)
    compress(wav)
    const { samples, channels } = await decodeAudio(Buffer.from(wav.toBuffer()), 'x.wav')
    expect(channels).toBe(1)
    expect(samples.length).toBeGreaterThanOrEqual(505)
    wave.forEach((value, i) => {
      // ADPCM begins with its smallest step and has to catch up first.
      if (i >= 50) expect(Math.abs((samples[i] as number) - value / 2 ** 15)).toBeLessThan(error)
    })
  })

  it('reads FLAC', async () => {
    const left = Array.from({ length: 40 }, (_, i) => i * 800 - 16000)
    const right = left.map((v) => -v - 1)
    const { samples, ...rest } = await decodeAudio(flac([left, right], 16000), 'x.flac')
    expect(rest).toEqual({ channels: 2, frames: 40, sampleRate: 16000 })
    expect([...samples]).toEqual([...left, ...right].map((v) => Math.fround(v / 2 ** 15)))
  })

  it('tells what is wrong', async () => {
    const whole = bytesOf('s16')
    const changed = (at: number, ...bytes: number[]) => {
      const copy = Buffer.from(whole)
      copy.set(bytes, at)
      return copy
    }
    const reads = (bytes: Buffer) => expect(decodeAudio(bytes, 'x', 100)).rejects
    await reads(Buffer.alloc(0)).toThrow(/x, byte 100: is neither WAVE, FLAC nor Ogg Vorbis/)
    await reads(whole.subarray(0, 60)).toThrow(/x, byte 136: chunk 'data' of 44 bytes, but 16 bytes are left/)
    await reads(whole.subarray(0, 30)).toThrow(/chunk 'fmt ' of 16 bytes, but 10 bytes are left/)
    await reads(whole.subarray(0, 36)).toThrow(/ends without a chunk 'data'/)
    await reads(changed(20, 2)).toThrow(/holds format 2 of 16 bits/)
    await reads(changed(34, 12)).toThrow(/holds format 1 of 12 bits/)
    await reads(changed(22, 0)).toThrow(/tells 0 channels/)
    // Whoever wrote this did not know the length.
    expect((await decodeAudio(changed(40, 255, 255, 255, 255), 'x')).frames).toBe(11)
    await reads(flac([Array(40).fill(1)], 8000).subarray(0, 60)).toThrow(/cannot be decoded/)
    await reads(Buffer.from('OggS and no more')).toThrow(/cannot be decoded/)
  })

  it('survives damage', async () => {
    for (const name of ['u8', 's16', 's24', 'f8']) await survives(bytesOf(name), 200, (b) => decodeAudio(b, 'x'))
    await survives(flac([Array(40).fill(1)], 8000), 40, (b) => decodeAudio(b, 'x'))
  })
})

describe('audioFolder', () => {
  let root: string
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'sinter-audio-'))
    for (const name of ['no', 'yes']) mkdirSync(join(root, name))
    writeFileSync(join(root, 'no/a.wav'), bytesOf('s16'))
    writeFileSync(join(root, 'yes/a.WAV'), bytesOf('f4'))
    writeFileSync(join(root, 'yes/b.flac'), flac([[...Array(20).keys()]], 16000))
  })
  afterAll(() => rmSync(root, { recursive: true }))

  it('gives recordings as they are', async () => {
    const data = await audioFolder(root)
    expect([data.classes, [...data.labels]]).toEqual([
      ['no', 'yes'],
      [0, 1, 1],
    ])
    const { audio, sampleRate, length, label } = await data.get(2)
    expect([audio.shape, sampleRate.data[0], length.data[0], label.data[0]]).toEqual([[1, 20], 16000, 20, 1])
  })

  it.each([0, 2])('cuts and pads to one length, of one channel (%i workers)', async (workers) => {
    const data = await audioFolder(root, { frames: 16, mono: true })
    await using loader = new DataLoader(data, { batchSize: 3, workers })
    for await (const batch of loader) {
      expect(batch.audio.shape).toEqual([3, 1, 16])
      expect(await batch.length.toArray()).toEqual([11, 11, 16])
      const [first] = (await batch.audio.toArray()) as number[][][]
      const { samples } = await decodeAudio(bytesOf('s16'), 'x')
      const mean = (i: number) => ((samples[i] as number) + (samples[11 + i] as number)) / 2
      expect(first?.[0]?.slice(0, 11)).toEqual(Array.from({ length: 11 }, (_, i) => expect.closeTo(mean(i), 6)))
      expect(first?.[0]?.slice(11)).toEqual([0, 0, 0, 0, 0])
      disposeBatch(batch)
    }
  })

  it('takes parts of chance that belong to the sample', async () => {
    const data = await audioFolder(root, { frames: 4, crop: 'random', classes: ['yes'] })
    const starts = async (epoch: number, seed: number) => {
      await using loader = new DataLoader(data, { seed })
      loader.loadState({ ...loader.state(), epoch, batch: 1 })
      for await (const batch of loader) {
        const [value] = ((await batch.audio.toArray()) as number[][][]).flat(2)
        disposeBatch(batch)
        return value
      }
      return undefined
    }
    const drawn = await Promise.all(Array.from({ length: 12 }, (_, epoch) => starts(epoch, 1)))
    expect(new Set(drawn).size).toBeGreaterThan(3)
    expect(drawn.every((v) => Number.isInteger((v as number) * 2 ** 15) && (v as number) * 2 ** 15 <= 16)).toBe(true)
    expect(await starts(3, 1)).toBe(drawn[3])
  })

  it('refuses other rates and options that are not as described', async () => {
    const data = await audioFolder(root, { sampleRate: 8000 })
    await expect(data.get(2)).rejects.toThrow(/b\.flac: has 16000 frames a second, expected 8000/)
    await expect(audioFolder(root, { frames: 0 })).rejects.toThrow(/frames is 0/)
    await expect(audioFolder(root, { crop: 'end' as 'start' })).rejects.toThrow(/crop is "end"/)
    await expect(audioFolder(root, { mno: true } as object)).rejects.toThrow(/did you mean "mono"/)
  })
})
