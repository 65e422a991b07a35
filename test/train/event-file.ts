// A second reader of TensorBoard's event files, by the format's own definitions: protocol buffers from their .proto text, checksums bit by bit.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import protobuf from 'protobufjs'

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
  }
  message SessionLog { enum SessionStatus { STATUS_UNSPECIFIED = 0; START = 1; STOP = 2; CHECKPOINT = 3; } SessionStatus status = 1; }
  message Summary {
    message Value {
      string tag = 1;
      SummaryMetadata metadata = 9;
      oneof value { float simple_value = 2; HistogramProto histo = 5; TensorProto tensor = 8; }
    }
    repeated Value value = 1;
  }
  message HistogramProto {
    double min = 1; double max = 2; double num = 3; double sum = 4; double sum_squares = 5;
    repeated double bucket_limit = 6 [packed = true];
    repeated double bucket = 7 [packed = true];
  }
  message SummaryMetadata {
    message PluginData { string plugin_name = 1; bytes content = 2; }
    PluginData plugin_data = 1;
    enum DataClass { DATA_CLASS_UNKNOWN = 0; DATA_CLASS_SCALAR = 1; DATA_CLASS_TENSOR = 2; }
    DataClass data_class = 4;
  }
  message TensorShapeProto { message Dim { int64 size = 1; } repeated Dim dim = 2; }
  message TensorProto { int32 dtype = 1; TensorShapeProto tensor_shape = 2; repeated bytes string_val = 8; }
`)
const Event = root.lookupType('Event')

export interface ReadEvent {
  wallTime: number
  step: number
  fileVersion?: string
  sessionLog?: { status: string }
  summary?: {
    value: {
      tag: string
      simpleValue?: number
      histo?: Record<'min' | 'max' | 'num' | 'sum' | 'sumSquares', number> & { bucketLimit: number[]; bucket: number[] }
      tensor?: { dtype: number; tensorShape: { dim: { size: number }[] }; stringVal: string[] }
      metadata?: { pluginData: { pluginName: string }; dataClass: string }
    }[]
  }
}

/** Bit by bit, from the highest coefficient of the reflected polynomial. */
function crc(bytes: Uint8Array): number {
  let register = 0xffffffffn
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) {
      const feedback = (register ^ BigInt((byte >> bit) & 1)) & 1n
      register = (register >> 1n) ^ (feedback === 1n ? 0x82f63b78n : 0n)
    }
  return Number(register ^ 0xffffffffn)
}

const masked = (bytes: Uint8Array): number => {
  const sum = BigInt(crc(bytes))
  return Number((((sum >> 15n) | (sum << 17n)) + 0xa282ead8n) & 0xffffffffn)
}

/** All events of a file, or an error where a checksum is wrong. */
export function eventsOf(file: Buffer): ReadEvent[] {
  const events: ReadEvent[] = []
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at))
    if (file.readUInt32LE(at + 8) !== masked(file.subarray(at, at + 8))) throw new Error(`length at ${at} is damaged`)
    const message = file.subarray(at + 12, at + 12 + length)
    if (file.readUInt32LE(at + 12 + length) !== masked(message)) throw new Error(`message at ${at} is damaged`)
    events.push(Event.toObject(Event.decode(message), { longs: Number, enums: String, bytes: String }) as ReadEvent)
    at += length + 16
  }
  return events
}

/** The events of each file of a folder, in the files' order. */
export async function eventFiles(folder: string): Promise<ReadEvent[][]> {
  const names = (await readdir(folder)).sort((a, b) => Number(a.split('.').at(-1)) - Number(b.split('.').at(-1)))
  return Promise.all(names.map(async (name) => eventsOf(await readFile(join(folder, name)))))
}
