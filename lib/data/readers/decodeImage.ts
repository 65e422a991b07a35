// One encoded image becomes pixels. Place in the whole: image readers and WebDataset shards; sharp (libvips) does the work on its
// own threads.
import { readFile } from 'node:fs'
import { promisify } from 'node:util'
import type { Sharp, SharpOptions } from 'sharp'
import { known } from '../../check.js'
import { loadNative } from '../../native/load.js'
import type { HostArray } from '../batch.js'
import { DataError, RecordError } from '../errors.js'
import { whole } from '../options.js'

export interface ImageOptions {
  /** [height, width] of what comes out; a number is both. Without it images keep their sizes, and a batch takes images of one size. */
  readonly size?: number | readonly [number, number]
  /**
   * How an image gets another aspect ratio. 'cover' (default): the shorter side is resized and the middle kept (torchvision's
   * Resize and CenterCrop in one); 'contain': the longer side is resized and bars are added; 'fill': stretched.
   */
  readonly fit?: 'cover' | 'contain' | 'fill'
  /** Resampling filter, antialiased; default 'lanczos3'. JPEG is shrunk while it is decoded where it is more than twice as large. */
  readonly kernel?: 'nearest' | 'linear' | 'cubic' | 'mitchell' | 'lanczos2' | 'lanczos3'
  /** 1: grey (libvips' luminance, not PIL's), 3 (default): sRGB, 4: sRGB and alpha. Grey, palette, CMYK and 16-bit images are converted. */
  readonly channels?: 1 | 3 | 4
  /**
   * Red, green and blue from 0 to 255: of the bars of 'contain' (default black), and where it is given transparent images are blended
   * over it. Without it alpha is dropped, as PIL's convert('RGB') does. Blending needs 1 or 3 channels.
   */
  readonly background?: readonly [number, number, number]
  /** Turn and mirror as EXIF says. Default true (torchvision's ImageFolder does not). */
  readonly orient?: boolean
  /** 'chw' (default) or 'hwc', which is as sharp gives it. */
  readonly layout?: 'chw' | 'hwc'
  /**
   * From which trouble on a file counts as corrupt: 'none' takes what there is, 'truncated', 'error', 'warning' (default). Damage
   * within a JPEG is a warning, as it hides but a part of the image; PIL takes such files.
   */
  readonly failOn?: 'none' | 'truncated' | 'error' | 'warning'
  /** Most pixels an image may have, against files that are made to fill the memory. Default 0x3fff squared. */
  readonly limitPixels?: number
}

export const IMAGE_OPTIONS: readonly (keyof ImageOptions)[] = [
  'size',
  'fit',
  'kernel',
  'channels',
  'background',
  'orient',
  'layout',
  'failOn',
  'limitPixels',
]

/** Pixels as sharp gives them: interleaved. */
export interface Pixels {
  readonly data: Uint8Array
  readonly height: number
  readonly width: number
  readonly channels: number
}

type SharpModule = (input: string | Uint8Array, options?: SharpOptions) => Sharp

async function importSharp(): Promise<SharpModule> {
  try {
    return (await import('sharp')).default as unknown as SharpModule
  } catch (cause) {
    throw new DataError('DATA_OPTIONS', 'images are decoded by sharp, which cannot be loaded: npm install sharp', {
      cause,
    })
  }
}

/**
 * A file at once, as libvips opens one given by its path several times and maps it: of small images a fifth of the time, of
 * photographs a tenth. This form of readFile asks the thread pool least often.
 */
const bytesOf = promisify(readFile) as (path: string) => Promise<Uint8Array>

/** Decodes encoded images, all with the same options. */
export class ImageDecoder {
  readonly #sharp: SharpModule
  readonly #options: ImageOptions
  readonly #size: readonly [number, number] | undefined

  private constructor(sharp: SharpModule, options: ImageOptions) {
    this.#sharp = sharp
    this.#options = options
    const { size } = options
    this.#size = typeof size === 'number' ? [size, size] : size
  }

  /** @throws DataError DATA_OPTIONS for options that are not as described, and where sharp is not installed */
  static async create(who: string, options: ImageOptions): Promise<ImageDecoder> {
    checkImageOptions(who, options)
    return new ImageDecoder(await importSharp(), options)
  }

  /** Writes pixels in the layout of the options to `offset` of `target`. */
  place({ data, channels }: Pixels, target: Uint8Array, offset: number): void {
    if (this.#options.layout === 'hwc') target.set(data, offset)
    else loadNative().toPlanes(data, channels, target, offset)
  }

  /** Of the array that `place` writes. */
  shape({ height, width, channels }: Pixels): number[] {
    return this.#options.layout === 'hwc' ? [height, width, channels] : [channels, height, width]
  }

  /** A decoded image on its own. */
  array(pixels: Pixels): HostArray {
    const data = new Uint8Array(pixels.data.length)
    this.place(pixels, data, 0)
    return { data, shape: this.shape(pixels) }
  }

  /**
   * @param input a path, or the encoded bytes
   * @param file what errors call it
   * @throws RecordError for what cannot be decoded
   */
  async decode(input: string | Uint8Array, file: string, offset?: number): Promise<Pixels> {
    const from = typeof input === 'string' ? await this.#read(input, file) : input
    try {
      const { data, info } = await this.#pipeline(from).toBuffer({ resolveWithObject: true })
      return { data, height: info.height, width: info.width, channels: info.channels }
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      // sharp repeats a path, and reports each line of libvips.
      const reason = message.replaceAll(`${file}: `, '').trim().split('\n')[0]
      throw new RecordError(`cannot be decoded as an image: ${reason}`, { file, offset }, { cause })
    }
  }

  async #read(path: string, file: string): Promise<string | Uint8Array> {
    try {
      return await bytesOf(path)
    } catch (cause) {
      // More than 2 GiB: libvips reads such a file in parts, where its format has them.
      if ((cause as NodeJS.ErrnoException).code === 'ERR_FS_FILE_TOO_LARGE') return path
      // Node names the path again, behind a comma.
      const [reason] = (cause as Error).message.split(', ')
      throw new RecordError(`cannot be read: ${reason}`, { file }, { cause })
    }
  }

  #pipeline(from: string | Uint8Array): Sharp {
    const { fit = 'cover', kernel = 'lanczos3', channels = 3, background, orient = true } = this.#options
    const { failOn = 'warning', limitPixels } = this.#options
    const image = this.#sharp(from, {
      failOn,
      ...(limitPixels === undefined ? {} : { limitInputPixels: limitPixels }),
    })
    if (orient && (typeof from === 'string' || mayBeTurned(from))) image.autoOrient()
    if (this.#size !== undefined) {
      const [r, g, b] = background ?? [0, 0, 0]
      image.resize({ height: this.#size[0], width: this.#size[1], fit, kernel, background: { r, g, b, alpha: 1 } })
    }
    if (channels === 4) image.ensureAlpha()
    else if (background !== undefined)
      image.flatten({ background: { r: background[0], g: background[1], b: background[2] } })
    else image.removeAlpha()
    return image.toColourspace(channels === 1 ? 'b-w' : 'srgb').raw({ depth: 'uchar' })
  }
}

/**
 * Whether EXIF may say that an image is turned, for which sharp opens it once more. A JPEG says so in an APP1 segment before its
 * first scan (ITU-T T.81, annex B; Exif 2.3, 4.5.4); of other formats it is not looked at.
 */
function mayBeTurned(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return true
  let at = 2
  while (at + 3 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] as number
    if (marker === 0xda) return false
    if (marker === 0xe1) return true
    // Bytes 0xff may fill up before a marker; a segment's length counts its own two bytes.
    at += marker === 0xff ? 1 : 2 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))
  }
  return true
}

const CHOICES = {
  fit: ['cover', 'contain', 'fill'],
  kernel: ['nearest', 'linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3'],
  channels: [1, 3, 4],
  layout: ['chw', 'hwc'],
  failOn: ['none', 'truncated', 'error', 'warning'],
  orient: [true, false],
} as const

/** @throws ValueError, DataError DATA_OPTIONS */
export function checkImageOptions(who: string, options: ImageOptions): void {
  known(who, options, IMAGE_OPTIONS)
  for (const [name, values] of Object.entries(CHOICES)) {
    const value = options[name as keyof typeof CHOICES]
    if (value === undefined || (values as readonly unknown[]).includes(value)) continue
    throw new DataError('DATA_OPTIONS', `${who}: ${name} is ${JSON.stringify(value)}, expected ${values.join(', ')}`)
  }
  const { size, background, limitPixels = 1, channels } = options
  const sizes = typeof size === 'number' ? [size] : (size ?? [1])
  const areWhole = sizes.every((d) => Number.isSafeInteger(d) && d >= 1)
  if (!areWhole || (typeof size === 'object' && size.length !== 2)) {
    const found = JSON.stringify(size)
    throw new DataError(
      'DATA_OPTIONS',
      `${who}: size is ${found}, expected whole pixels: one number or [height, width]`,
    )
  }
  whole(who, 'limitPixels', limitPixels, 1)
  if (background === undefined) return
  if (background.length !== 3 || !background.every((v) => v >= 0 && v <= 255)) {
    const found = JSON.stringify(background)
    throw new DataError('DATA_OPTIONS', `${who}: background is ${found}, expected [red, green, blue] from 0 to 255`)
  }
  if (channels === 4 && (options.fit ?? 'cover') !== 'contain')
    throw new DataError('DATA_OPTIONS', `${who}: 4 channels keep their alpha: a background is for 1 or 3`)
}
