// Datasets that the loader's worker threads build in loader.test.ts.

/** Sample i is its index and a random number that belongs to it. */
export default class Numbers {
  constructor(length) {
    this.length = length
  }

  get(index, { random }) {
    return { index: BigInt(index), noise: random.uniform(), name: `n${index}` }
  }
}

export async function failing(length, bad) {
  const numbers = new Numbers(length)
  return {
    length,
    get(index, context) {
      if (index === bad) throw new RangeError(`sample ${index} is rotten`)
      return numbers.get(index, context)
    },
  }
}

export function exiting(length) {
  return {
    length,
    get(index) {
      if (index === 5) process.exit(3)
      return index
    },
  }
}

export function counting(length) {
  return {
    *iterate() {
      for (let i = 0; i < length; i++) yield i
    },
  }
}

export async function corrupt(length, bad) {
  const { RecordError } = await import('#lib/data/errors.js')
  const numbers = new Numbers(length)
  return {
    length,
    get(index, context) {
      if (index === bad) throw new RecordError('checksum differs', { file: '/data/a.bin', offset: 512 })
      return numbers.get(index, context)
    },
  }
}

export function broken() {
  throw new Error('no such data')
}

export const notADataset = () => ({ size: 3 })

async function recordError(index) {
  const { RecordError } = await import('#lib/data/errors.js')
  return new RecordError('checksum differs', { file: '/data/r.bin', offset: 8 * index })
}

export function rotten(length, bad) {
  return {
    length,
    async get(index) {
      if (bad.includes(index)) throw await recordError(index)
      return index
    },
  }
}

/** The same with whole batches. */
export function rottenBatches(length, bad) {
  const dataset = rotten(length, bad)
  return {
    ...dataset,
    async getBatch(indices) {
      return { data: Float32Array.from(await Promise.all([...indices].map((i) => dataset.get(i)))) }
    },
  }
}

/** An iterator that goes on behind what it throws. */
export function rottenStream(length, bad) {
  const dataset = rotten(length, bad)
  return {
    iterate() {
      let next = 0
      const iterator = {
        [Symbol.asyncIterator]: () => iterator,
        async next() {
          if (next === length) return { done: true, value: undefined }
          return { done: false, value: await dataset.get(next++) }
        },
      }
      return iterator
    },
  }
}

/** A generator, which cannot: it yields the errors. */
export function rottenGenerator(length, bad) {
  return {
    async *iterate() {
      for (let i = 0; i < length; i++) yield bad.includes(i) ? await recordError(i) : i
    },
  }
}

/** A stream that gives each worker its own numbers. */
export function sharded(length) {
  return {
    sharded: true,
    *iterate({ worker, workers }) {
      for (let i = worker; i < length; i += workers) yield i
    },
  }
}

/** Parts of 2, 7 and 4 numbers. */
export function uneven() {
  return {
    sharded: true,
    *iterate({ worker }) {
      for (let i = 0; i < [2, 7, 4][worker]; i++) yield 100 * worker + i
    },
  }
}

export function shardedNumbers(length) {
  return {
    sharded: true,
    *iterate({ worker, workers, rank, worldSize }) {
      const step = workers * worldSize
      for (let i = rank * workers + worker; i < length; i += step) yield { index: i }
    },
  }
}
