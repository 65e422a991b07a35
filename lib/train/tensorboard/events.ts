// TensorBoard's messages. Place in the whole: what callback.ts has to say, as bytes for records.ts. Protocol buffers, written field by field:
//
//   Event      wall_time = 1 (double, seconds), step = 2 (int64), file_version = 3, summary = 5, session_log = 7
//   Summary    value = 1: tag = 1, simple_value = 2 (float), histo = 5, tensor = 8, metadata = 9
//   Histogram  min = 1, max = 2, num = 3, sum = 4, sum_squares = 5, bucket_limit = 6, bucket = 7 (double, packed)
//   SessionLog status = 1 (START is 1)
//   a text is a tensor of one string (dtype = 1: DT_STRING is 7; tensor_shape = 2 of dim = 2 of size = 1; string_val = 8) with
//   metadata's plugin_data = 1 of plugin_name = 1 "text" and data_class = 4 (tensor is 2)
//
// Source: tensorflow/core/util/event.proto, framework/summary.proto, framework/tensor.proto.
import { Writer } from 'protobufjs/minimal.js'
import type { Histogram, RunRecord } from '../record.js'

const [DOUBLE, BYTES, FLOAT, VARINT] = [1, 2, 5, 0]
const key = (field: number, wire: number): number => (field << 3) | wire
const [DT_STRING, SESSION_START, DATA_CLASS_TENSOR] = [7, 1, 2]

/** A message within a message. */
function nested(writer: Writer, field: number, fill: (inner: Writer) => void): void {
  writer.uint32(key(field, BYTES)).fork()
  fill(writer)
  writer.ldelim()
}

function event(step: number, fill: (writer: Writer) => void): Uint8Array {
  const writer = Writer.create()
  writer.uint32(key(1, DOUBLE)).double(Date.now() / 1000)
  writer.uint32(key(2, VARINT)).int64(step)
  fill(writer)
  return writer.finish()
}

/** A file's first event. */
export const versionEvent = (): Uint8Array => event(0, (writer) => writer.uint32(key(3, BYTES)).string('brain.Event:2'))

/** Says that the run begins anew at a step: what files of the same folder hold from there on does not count. */
export const restartEvent = (step: number): Uint8Array =>
  event(step, (writer) => nested(writer, 7, (log) => log.uint32(key(1, VARINT)).int32(SESSION_START)))

/** One event with all that a record holds. */
export function summaryEvent({ step, scalars = {}, histograms = {}, texts = {} }: RunRecord): Uint8Array {
  return event(step, (writer) =>
    nested(writer, 5, (summary) => {
      const value = (tag: string, fill: (value: Writer) => void) =>
        nested(summary, 1, (inner) => {
          inner.uint32(key(1, BYTES)).string(tag)
          fill(inner)
        })
      for (const [tag, number] of Object.entries(scalars))
        value(tag, (inner) => inner.uint32(key(2, FLOAT)).float(number))
      for (const [tag, histogram] of Object.entries(histograms))
        value(tag, (inner) => nested(inner, 5, (writer) => writeHistogram(writer, histogram)))
      for (const [tag, text] of Object.entries(texts)) value(tag, (inner) => writeText(inner, text))
    }),
  )
}

function writeHistogram(writer: Writer, { min, max, count, sum, sumSquares, limits, buckets }: Histogram): void {
  for (const [i, number] of [min, max, count, sum, sumSquares].entries())
    writer.uint32(key(i + 1, DOUBLE)).double(number)
  for (const [field, numbers] of [
    [6, limits],
    [7, buckets],
  ] as const)
    nested(writer, field, (packed) => {
      for (const number of numbers) packed.double(number)
    })
}

function writeText(value: Writer, text: string): void {
  nested(value, 8, (tensor) => {
    tensor.uint32(key(1, VARINT)).int32(DT_STRING)
    nested(tensor, 2, (shape) => nested(shape, 2, (dim) => dim.uint32(key(1, VARINT)).int64(1)))
    tensor.uint32(key(8, BYTES)).string(text)
  })
  nested(value, 9, (metadata) => {
    nested(metadata, 1, (plugin) => plugin.uint32(key(1, BYTES)).string('text'))
    metadata.uint32(key(4, VARINT)).int32(DATA_CLASS_TENSOR)
  })
}
