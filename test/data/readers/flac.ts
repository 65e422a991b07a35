// A FLAC file for tests: verbatim subframes of 16 bits, one frame. Place in the whole: the audio reader's tests, as there is no encoder in
// the repository. Format: RFC 9639.

/** Bits, the highest first. */
class Bits {
  readonly bytes: number[] = []
  #filled = 0
  put(value: number, width: number): void {
    for (let bit = width - 1; bit >= 0; bit--) {
      if (this.#filled++ % 8 === 0) this.bytes.push(0)
      const last = this.bytes.length - 1
      this.bytes[last] = ((this.bytes[last] as number) << 1) | (Math.floor(value / 2 ** bit) & 1)
    }
  }
}

function crc(bytes: readonly number[], polynomial: number, width: 8 | 16): number {
  let sum = 0
  for (const byte of bytes) {
    sum ^= byte << (width - 8)
    for (let i = 0; i < 8; i++) sum = (sum << 1) ^ (sum & (1 << (width - 1)) ? polynomial : 0)
    sum &= 2 ** width - 1
  }
  return sum
}

/** Channels of 16-bit numbers, all of one length, of at least 16 and at most 65535. */
export function flac(channels: readonly (readonly number[])[], sampleRate: number): Buffer {
  const length = (channels[0] as readonly number[]).length
  const head = new Bits()
  for (const char of 'fLaC') head.put(char.charCodeAt(0), 8)
  head.put(0x80, 8)
  head.put(34, 24)
  head.put(length, 16)
  head.put(length, 16)
  head.put(0, 24)
  head.put(0, 24)
  head.put(sampleRate, 20)
  head.put(channels.length - 1, 3)
  head.put(15, 5)
  head.put(length, 36)
  for (let i = 0; i < 4; i++) head.put(0, 32)
  const frame = new Bits()
  frame.put(0xfff8, 16)
  // The length follows in 16 bits, the sample rate too.
  frame.put(0b0111, 4)
  frame.put(0b1101, 4)
  frame.put(channels.length - 1, 4)
  frame.put(0b100, 3)
  frame.put(0, 1)
  frame.put(0, 8)
  frame.put(length - 1, 16)
  frame.put(sampleRate, 16)
  frame.put(crc(frame.bytes, 0x07, 8), 8)
  for (const channel of channels) {
    frame.put(0b00000010, 8)
    for (const value of channel) frame.put(value & 0xffff, 16)
  }
  frame.put(crc(frame.bytes, 0x8005, 16), 16)
  return Buffer.from([...head.bytes, ...frame.bytes])
}
