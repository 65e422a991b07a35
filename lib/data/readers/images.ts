// Images in files, decoded when they are asked for. Place in the whole: the dataset behind imageFolder.

import { filled } from '../../filled.js'
import type { HostArray, HostBatch } from '../batch.js'
import { type BatchContext, batchContext } from '../context.js'
import type { Dataset, DatasetModule } from '../dataset.js'
import { int } from '../dataset.js'
import { DataError } from '../errors.js'
import { type ClassFiles, ClassFolderDataset } from './classFolders.js'
import { concurrently, Gate } from './concurrent.js'
import type { ImageDecoder, Pixels } from './decodeImage.js'

export interface ImageSample {
  /** u8, (channels, height, width) or with the layout 'hwc' (height, width, channels). */
  readonly image: HostArray
  /** Number of the class, i32. */
  readonly label: HostArray
}

/** Images read or decoded at a time, for one batch: so many more than libuv has threads that none of them waits for this one. */
const AT_ONCE = 16

/** Images and their classes, by index. */
export class ImageDataset extends ClassFolderDataset implements Dataset<ImageSample> {
  readonly #decoder: ImageDecoder
  readonly #gate = new Gate(AT_ONCE)

  constructor(list: ClassFiles, decoder: ImageDecoder, from: DatasetModule) {
    super(list, from)
    this.#decoder = decoder
  }

  /** The end of one batch, where few images are left to decode, overlaps with the beginning of the next. */
  get readAhead(): number {
    return 2
  }

  async get(index: number): Promise<ImageSample> {
    return { image: this.#decoder.array(await this.#decode(index)), label: int(this.labels[index] as number) }
  }

  /** The images are decoded side by side and written to where they stand in the batch. */
  async getBatch(
    indices: Uint32Array,
    { allocate }: BatchContext = batchContext(0, 0, indices),
  ): Promise<{ image: HostArray; label: HostArray } & HostBatch> {
    let first: { pixels: Pixels; index: number } | undefined
    let data: Uint8Array = new Uint8Array(0)
    await concurrently(indices.length, AT_ONCE, async (row) => {
      const index = indices[row] as number
      const pixels = await this.#decode(index)
      if (first === undefined) {
        first = { pixels, index }
        data = allocate(Uint8Array, pixels.data.length * indices.length)
      }
      if (!sameSize(pixels, first.pixels)) throw this.#differ(first.index, first.pixels, index, pixels)
      this.#decoder.place(pixels, data, row * pixels.data.length)
    })
    const shape = first === undefined ? [0] : [indices.length, ...this.#decoder.shape(first.pixels)]
    const label = filled(new Int32Array(indices.length), (i) => this.labels[indices[i] as number] as number)
    return { image: { data, shape }, label: { data: label, shape: [indices.length] } }
  }

  async #decode(index: number): Promise<Pixels> {
    const file = this.fileOf(index)
    return this.#gate.pass(() => this.#decoder.decode(file, file))
  }

  #differ(firstIndex: number, first: Pixels, index: number, other: Pixels): DataError {
    const name = (i: number, { height, width }: Pixels) => `${this.files[i]} is ${height} x ${width}`
    const message = `images of one batch have one size: ${name(firstIndex, first)}, ${name(index, other)}: set size`
    return new DataError('DATA_COLLATE', message, { index })
  }
}

function sameSize(a: Pixels, b: Pixels): boolean {
  return a.height === b.height && a.width === b.width && a.channels === b.channels
}
