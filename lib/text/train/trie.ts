// A prefix tree over small numbers. Place in the whole: finds the pieces that begin at a place of a word, in unigram training.

/** Nodes are numbers, 0 the root; edges stand in one hash table of (node, symbol). */
export class Trie {
  /** Of each node the number of the sequence that ends there, or -1. */
  values: Int32Array = new Int32Array(1024).fill(-1)
  #count = 1
  #mask = 2047
  #nodes: Int32Array = new Int32Array(2048).fill(-1)
  #symbols: Int32Array = new Int32Array(2048)
  #children: Int32Array = new Int32Array(2048)

  add(symbols: Iterable<number>, value: number): void {
    let node = 0
    for (const symbol of symbols) {
      let next = this.child(node, symbol)
      if (next < 0) {
        next = this.#count++
        this.#insert(node, symbol, next)
        if (2 * this.#count > this.#mask) this.#grow()
      }
      node = next
    }
    this.values[node] = value
  }

  /** -1: there is none. */
  child(node: number, symbol: number): number {
    let at = this.#place(node, symbol)
    while (this.#nodes[at] !== -1) {
      if (this.#nodes[at] === node && this.#symbols[at] === symbol) return this.#children[at] as number
      at = (at + 1) & this.#mask
    }
    return -1
  }

  #place(node: number, symbol: number): number {
    const hash = Math.imul(node, 0x9e3779b1) ^ Math.imul(symbol, 0x85ebca6b)
    return (hash ^ (hash >>> 15)) & this.#mask
  }

  #insert(node: number, symbol: number, child: number): void {
    let at = this.#place(node, symbol)
    while (this.#nodes[at] !== -1) at = (at + 1) & this.#mask
    this.#nodes[at] = node
    this.#symbols[at] = symbol
    this.#children[at] = child
  }

  #grow(): void {
    const [nodes, symbols, children] = [this.#nodes, this.#symbols, this.#children]
    const size = 2 * nodes.length
    this.#mask = size - 1
    this.#nodes = new Int32Array(size).fill(-1)
    this.#symbols = new Int32Array(size)
    this.#children = new Int32Array(size)
    for (const [i, node] of nodes.entries())
      if (node !== -1) this.#insert(node, symbols[i] as number, children[i] as number)
    const values = new Int32Array(size).fill(-1)
    values.set(this.values)
    this.values = values
  }
}
