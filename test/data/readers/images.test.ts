// Folders of images: what is found, how it is decoded, and what becomes of files that are no images.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DataLoader, type ImageFolderOptions, imageFolder, RecordError } from '#lib/data/index.js'

let root: string
const RED = [200, 30, 40]
const BLUE = [10, 20, 220]

/** An image of left and right halves. */
function halves(height: number, width: number, channels: 3 | 4 = 3, alpha = 255): Sharp {
  const pixels = Buffer.alloc(height * width * channels)
  for (let i = 0; i < height * width; i++) {
    const color = i % width < width / 2 ? RED : BLUE
    pixels.set(channels === 4 ? [...color, alpha] : color, i * channels)
  }
  return sharp(pixels, { raw: { height, width, channels } })
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'sinter-images-'))
  for (const folder of ['train/cat/deep', 'train/dog', 'odd/a', 'empty/a', 'empty/b', 'flat']) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  await halves(4, 6).png().toFile(join(root, 'train/cat/b.png'))
  await halves(4, 6).png().toFile(join(root, 'train/cat/deep/a.PNG'))
  await halves(4, 6).flop().png().toFile(join(root, 'train/dog/1.png'))
  writeFileSync(join(root, 'train/dog/notes.txt'), 'no image')
  writeFileSync(join(root, 'train/dog/.hidden.png'), 'no image')
  symlinkSync(join(root, 'train'), join(root, 'train/dog/circle'))
  await halves(4, 6).png().toFile(join(root, 'empty/a/1.png'))
})
afterAll(() => rmSync(root, { recursive: true }))

/** A folder of one class with the one file. */
async function single(name: string, content: Buffer | Promise<Buffer>, options: ImageFolderOptions = {}) {
  const folder = mkdtempSync(join(root, 'one-'))
  mkdirSync(join(folder, 'class'))
  writeFileSync(join(folder, 'class', name), await content)
  return imageFolder(folder, options)
}

async function pixelsOf(name: string, content: Buffer | Promise<Buffer>, options: ImageFolderOptions = {}) {
  const { image } = await (await single(name, content, options)).get(0)
  return { shape: image.shape, data: [...(image.data as Uint8Array)] }
}

describe('imageFolder', () => {
  it('numbers classes and files in the order of their names', async () => {
    const data = await imageFolder(join(root, 'train'))
    expect(data.classes).toEqual(['cat', 'dog'])
    // The link to a folder above is followed, but not in circles.
    const names = data.files.map((file) => file.slice(join(root, 'train').length + 1))
    expect(names.slice(0, 3)).toEqual(['cat/b.png', 'cat/deep/a.PNG', 'dog/1.png'])
    expect(names.slice(3)).toEqual(['dog/circle/cat/b.png', 'dog/circle/cat/deep/a.PNG'])
    expect([...data.labels]).toEqual([0, 0, 1, 1, 1])
    const { image, label } = await data.get(2)
    expect(image.shape).toEqual([3, 4, 6])
    expect([...(image.data as Uint8Array).subarray(0, 6)]).toEqual([10, 10, 10, 200, 200, 200])
    expect([...(label.data as Int32Array)]).toEqual([1])
  })

  it('takes the classes that are asked for, in their order', async () => {
    const data = await imageFolder(join(root, 'train'), { classes: ['dog'], extensions: ['.PNG'] })
    expect([data.classes, data.length]).toEqual([['dog'], 3])
    const wrong = imageFolder(join(root, 'train'), { classes: ['dgo'] })
    await expect(wrong).rejects.toThrow(/no folder 'dgo'; did you mean "dog"/)
  })

  it('says what is missing', async () => {
    await expect(imageFolder(join(root, 'nowhere'))).rejects.toThrow(/nowhere: ENOENT: no such file or directory$/)
    await expect(imageFolder(join(root, 'flat'))).rejects.toThrow(/has no folders/)
    await expect(imageFolder(join(root, 'empty'))).rejects.toThrow(/class 'b' of .* has no files ending in \.jpg/)
    expect((await imageFolder(join(root, 'empty'), { allowEmpty: true })).classes).toEqual(['a', 'b'])
  })

  it.each([0, 2])('gives batches, the same as its samples (%i workers)', async (workers) => {
    const data = await imageFolder(join(root, 'train'), { size: [2, 2] })
    await using loader = new DataLoader(data, { batchSize: 4, workers })
    const sizes: number[] = []
    let row = 0
    for await (const { image, label } of loader) {
      sizes.push(image.shape[0] as number)
      expect([image.dtype, label.dtype, image.shape.slice(1)]).toEqual(['u8', 'i32', [3, 2, 2]])
      const bytes = await image.data()
      for (let i = 0; i < (image.shape[0] as number); i++, row++) {
        const alone = await data.get(row)
        expect([...bytes.subarray(i * 12, i * 12 + 12)]).toEqual([...(alone.image.data as Uint8Array)])
      }
      image.dispose()
      label.dispose()
    }
    expect(sizes).toEqual([4, 1])
  })

  it('names the images of a batch that differ in size', async () => {
    await halves(4, 6).png().toFile(join(root, 'odd/a/1.png'))
    await halves(5, 6).png().toFile(join(root, 'odd/a/2.png'))
    const data = await imageFolder(join(root, 'odd'))
    await expect(data.getBatch(Uint32Array.of(0, 1))).rejects.toMatchObject({ code: 'DATA_COLLATE' })
    await expect(data.getBatch(Uint32Array.of(0, 1))).rejects.toThrow(/[12]\.png is [45] x 6.*: set size/)
  })

  it('refuses options that are not as described', async () => {
    const open = (options: object) => imageFolder(join(root, 'train'), options)
    await expect(open({ sise: 3 })).rejects.toThrow(/no such option: 'sise'; did you mean "size"/)
    await expect(open({ size: 0 })).rejects.toThrow(/size is 0, expected whole pixels/)
    await expect(open({ size: [3] })).rejects.toThrow(/size is \[3\]/)
    await expect(open({ fit: 'crop' })).rejects.toThrow(/fit is "crop", expected cover, contain, fill/)
    await expect(open({ channels: 2 })).rejects.toThrow(/channels is 2/)
    await expect(open({ background: [1, 2] })).rejects.toThrow(/background is \[1,2\]/)
    await expect(open({ channels: 4, background: [1, 2, 3] })).rejects.toThrow(/keep their alpha/)
    await expect(open({ limitPixels: 0 })).rejects.toThrow(/limitPixels is 0/)
  })
})

describe('decoding', () => {
  it('gives planes for every count of pixels and channels', async () => {
    for (const width of [1, 3, 4, 7, 8, 33, 64]) {
      for (const channels of [1, 3, 4] as const) {
        const image = halves(3, width, 4).png().toBuffer()
        const planes = await pixelsOf('a.png', image, { channels })
        const woven = await pixelsOf('a.png', image, { channels, layout: 'hwc' })
        expect(planes.shape).toEqual([channels, 3, width])
        expect(woven.shape).toEqual([3, width, channels])
        const n = 3 * width
        expect(planes.data).toEqual(planes.data.map((_, at) => woven.data[(at % n) * channels + Math.floor(at / n)]))
      }
    }
  })

  it('converts grey, palette, 16-bit and transparent images', async () => {
    const grey = sharp(Buffer.alloc(12, 77), { raw: { width: 4, height: 3, channels: 1 } }).toColourspace('b-w')
    expect(await pixelsOf('a.png', grey.png().toBuffer())).toEqual({ shape: [3, 3, 4], data: Array(36).fill(77) })
    expect((await pixelsOf('a.png', grey.png().toBuffer(), { channels: 1 })).data).toEqual(Array(12).fill(77))
    const palette = halves(4, 6).png({ palette: true }).toBuffer()
    expect((await pixelsOf('a.png', palette)).data.slice(0, 6)).toEqual([200, 200, 200, 10, 10, 10])
    const raw = { width: 2, height: 2, channels: 3, depth: 'ushort' } as const
    const deep = sharp(new Uint16Array(12).fill(40000) as never, { raw })
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    expect((await pixelsOf('a.png', deep)).data).toEqual(Array(12).fill(156))
    const clear = halves(2, 2, 4, 0).png().toBuffer()
    expect((await pixelsOf('a.png', clear, { background: [1, 2, 3] })).data.slice(0, 5)).toEqual([1, 1, 1, 1, 2])
    expect((await pixelsOf('a.png', clear)).data.slice(0, 2)).toEqual([200, 10])
    expect((await pixelsOf('a.png', clear, { channels: 4 })).data.slice(12)).toEqual([0, 0, 0, 0])
  })

  it('crops, pads and stretches to a size', async () => {
    const wide = halves(4, 12).png().toBuffer()
    const red = async (fit: 'cover' | 'contain' | 'fill') => {
      const { shape, data } = await pixelsOf('a.png', wide, { size: 4, fit, kernel: 'nearest', background: [9, 8, 7] })
      expect(shape).toEqual([3, 4, 4])
      return data.slice(0, 16)
    }
    const rows = (row: number[]) => [...row, ...row, ...row, ...row]
    expect(await red('cover')).toEqual(rows([200, 200, 10, 10]))
    expect(await red('fill')).toEqual(rows([200, 200, 10, 10]))
    const contained = await red('contain')
    expect(contained.slice(0, 4)).toEqual([9, 9, 9, 9])
    expect(contained.slice(4, 8)).toEqual([200, 200, 10, 10])
  })

  it('turns images as EXIF says', async () => {
    const turned = halves(4, 6).withMetadata({ orientation: 6 }).png().toBuffer()
    expect((await pixelsOf('a.png', turned)).shape).toEqual([3, 6, 4])
    expect((await pixelsOf('a.png', turned, { orient: false })).shape).toEqual([3, 4, 6])
    const jpeg = await halves(4, 6).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    expect((await pixelsOf('a.jpg', jpeg)).shape).toEqual([3, 6, 4])
    // Behind a comment, and bytes that fill up before the marker.
    const comment = Buffer.from([0xff, 0xfe, 0, 4, 0xff, 0xda, 0xff, 0xff])
    const later = Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)])
    expect((await pixelsOf('a.jpg', later)).shape).toEqual([3, 6, 4])
    expect((await pixelsOf('a.jpg', later, { orient: false })).shape).toEqual([3, 4, 6])
    expect((await pixelsOf('a.jpg', halves(4, 6).jpeg().toBuffer())).shape).toEqual([3, 4, 6])
  })

  it('names files that cannot be decoded', async () => {
    const jpeg = await halves(64, 64).jpeg().toBuffer()
    const damaged = Buffer.from(jpeg).fill(0xff, jpeg.length - 60, jpeg.length - 20)
    const broken = {
      'empty.jpg': Buffer.alloc(0),
      'text.jpg': Buffer.from('hello'),
      'cut.jpg': jpeg.subarray(0, -40),
      'damaged.jpg': damaged,
    }
    for (const [name, content] of Object.entries(broken)) {
      const data = await single(name, content)
      const error = await Promise.resolve(data.get(0)).catch((e) => e)
      expect(error).toBeInstanceOf(RecordError)
      expect(error.file).toBe(data.files[0])
      // The path once, then one line.
      expect(error.message.split(name).length).toBe(2)
      await expect(data.getBatch(Uint32Array.of(0))).rejects.toBeInstanceOf(RecordError)
    }
    const gone = await single('gone.jpg', jpeg)
    rmSync(gone.files[0] as string)
    await expect(gone.get(0)).rejects.toThrow(/gone.jpg: cannot be read: ENOENT: no such file or directory$/)
    const huge = await single('huge.jpg', Buffer.from('hello'))
    truncateSync(huge.files[0] as string, 2 ** 31)
    await expect(huge.get(0)).rejects.toThrow(/huge.jpg: cannot be decoded as an image/)
    const large = await single('large.png', halves(64, 64).png().toBuffer(), { limitPixels: 1000 })
    await expect(large.get(0)).rejects.toThrow(/pixel limit/)
    expect((await (await single('cut.jpg', broken['cut.jpg'], { failOn: 'none' })).get(0)).image.shape).toEqual([
      3, 64, 64,
    ])
  })
})
