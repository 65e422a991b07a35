// Datasets of workers.test.ts.

const numbers = (length, get = (i) => i) => ({ length, get })

/** Whole batches in the loader's memory, with the number of the buffer that they lie in. */
export function wide(length, width) {
  const buffers = []
  return {
    length,
    get: () => {
      throw new Error('getBatch is there')
    },
    getBatch(indices, { allocate }) {
      const data = allocate(Float32Array, indices.length * width)
      indices.forEach((index, i) => {
        data.fill(index, i * width, (i + 1) * width)
      })
      if (!buffers.includes(data.buffer)) buffers.push(data.buffer)
      const each = (value) => ({ data: new Float32Array(indices.length).fill(value) })
      return {
        x: { data, shape: [indices.length, width] },
        index: { data: Float32Array.from(indices) },
        buffer: each(buffers.indexOf(data.buffer)),
        shared: each(Number(data.buffer instanceof SharedArrayBuffer)),
      }
    },
  }
}

/** Samples that are longer in each batch of five. */
export const growing = (length) => numbers(length, (i) => new Float32Array(1000 + 400 * Math.floor(i / 5)).fill(i))

/** Every third batch of two is slow. */
export const slow = (length, ms) =>
  numbers(length, async (i) => {
    if (Math.floor(i / 2) % 3 === 0) await new Promise((resolve) => setTimeout(resolve, ms))
    return i
  })

export const counted = (length, counter) =>
  numbers(length, (i) => {
    Atomics.add(counter, 0, 1)
    return i
  })

/** A sample that fails in the third epoch. */
export const sometimes = (length, bad) => ({
  length,
  get(i, { epoch }) {
    if (i === bad && epoch === 2) throw new Error('not this time')
    return i
  },
})

export const dying = (length, bad) =>
  numbers(length, (i) => {
    if (i === bad) process.exit(5)
    return i
  })

export const stuck = (length) => numbers(length, () => new Promise(() => {}))

export const endless = (length, width) => ({
  *iterate() {
    for (let i = 0; i < length; i++) yield new Float32Array(width).fill(i)
  },
})
