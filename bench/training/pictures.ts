/** Images as those of CIFAR: 32 x 32 x 3 bytes, made of a formula. Place in the whole: the data of augment.ts, also in workers. */
export default class Pictures {
  readonly length: number
  constructor(length: number) {
    this.length = length
  }

  get(index: number): { image: { data: Uint8Array; shape: number[] }; label: number } {
    const data = new Uint8Array(3 * 32 * 32)
    for (let i = 0; i < data.length; i++) data[i] = (i * 37 + index * 101 + ((i * index) >>> 7)) & 255
    return { image: { data, shape: [3, 32, 32] }, label: index % 10 }
  }
}
