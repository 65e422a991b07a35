// Where the boxes of a graph lie. Place in the whole: behind graph-svg.ts; knows sizes, nothing of text or colour.
//
// Layers from top to bottom (Sugiyama et al. 1981): each box in the layer below all that lead to it; a line that passes layers holds a place
// in each of them; the order in a layer follows the neighbours' places; and places come as near to the neighbours' as the order allows. A
// group is laid out by itself and is then one box of the group around it. Lines enter and leave it through ports in its border.
import type { GraphEdge, GraphGroup } from './model-graph.js'

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Box extends Size {
  readonly x: number
  readonly y: number
}

export interface Line {
  readonly points: readonly (readonly [number, number])[]
  /** Whether it ends at a node, not at a group's border. */
  readonly arrow: boolean
}

export interface Layout extends Size {
  readonly nodes: ReadonlyMap<string, Box>
  readonly groups: ReadonlyMap<string, Box>
  readonly lines: readonly Line[]
}

/** Between boxes side by side, between layers, and inside a group's border; a title stands above what is in it. */
const GAP = 18
const LAYER_GAP = 26
const PADDING = 12
const TITLE = 22
/** Width of the place that a passing line holds. */
const LANE = 8
const SWEEPS = 8

/** What is placed: a node, a group, a line's place in a layer, or a port at the top or bottom. */
interface Item extends Size {
  readonly id: string
  layer: number
  /** Of its middle. */
  x: number
  y: number
  readonly above: Link[]
  readonly below: Link[]
  readonly kind: 'node' | 'group' | 'lane' | 'port'
}

/** A line between items of neighbouring layers, from and to so far right of their middles. */
interface Link {
  readonly from: Item
  readonly to: Item
  readonly fromOffset: number
  readonly toOffset: number
}

/** A group that has been laid out: its box, and what is in it relative to the box's corner. */
interface Part extends Layout {
  /** Of the ports, right of the middle: of what comes in and goes out, by the node that it comes from. */
  readonly inlets: ReadonlyMap<string, number>
  readonly outlets: ReadonlyMap<string, number>
}

/**
 * @param nodes in an order in which no edge leads backwards, with their sizes and groups
 * @param titles widths of the groups' titles
 */
export function layOut(
  nodes: readonly { readonly id: string; readonly group: string | null; readonly size: Size }[],
  groups: readonly GraphGroup[],
  edges: readonly GraphEdge[],
  titles: ReadonlyMap<string, number>,
): Layout {
  const groupOf = new Map<string, string | null>([...nodes, ...groups].map(({ id, group }) => [id, group]))
  const sizes = new Map(nodes.map(({ id, size }) => [id, size]))
  const order = new Map(nodes.map(({ id }, i) => [id, i]))
  const lay = (group: string | null): Part => {
    const inner = new Map(groups.filter((g) => g.group === group).map(({ id }) => [id, lay(id)]))
    const ids = [...sizes.keys()].filter((id) => groupOf.get(id) === group)
    return new Level(group, groupOf, order).lay(ids, sizes, inner, edges, titles.get(group ?? '') ?? 0)
  }
  return lay(null)
}

class Level {
  readonly #group: string | null
  readonly #groupOf: ReadonlyMap<string, string | null>
  readonly #order: ReadonlyMap<string, number>
  readonly #items = new Map<string, Item>()
  readonly #links = new Map<string, { from: string; to: string; source: string }>()

  constructor(group: string | null, groupOf: ReadonlyMap<string, string | null>, order: ReadonlyMap<string, number>) {
    this.#group = group
    this.#groupOf = groupOf
    this.#order = order
  }

  lay(
    ids: readonly string[],
    sizes: ReadonlyMap<string, Size>,
    inner: ReadonlyMap<string, Part>,
    edges: readonly GraphEdge[],
    title: number,
  ): Part {
    const first = new Map<string, number>(ids.map((id) => [id, this.#order.get(id) as number]))
    for (const [node, place] of this.#order) {
      const holder = this.#memberOf(node)
      if (holder !== null && inner.has(holder)) first.set(holder, Math.min(first.get(holder) ?? place, place))
    }
    for (const [id] of [...first].sort((a, b) => a[1] - b[1])) {
      const part = inner.get(id)
      this.#add(id, part ?? (sizes.get(id) as Size), part ? 'group' : 'node')
    }
    const inlets = new Map<string, Item>()
    const outlets = new Map<string, Item>()
    for (const { from, to } of edges) {
      const [a, b] = [this.#memberOf(from), this.#memberOf(to)]
      if (a === b) continue
      const start = a ?? this.#port(inlets, `in ${from}`, from)
      const end = b ?? this.#port(outlets, `out ${from}`, from)
      this.#links.set(`${start} ${end} ${from}`, { from: start, to: end, source: from })
    }
    const layers = this.#layers([...inlets.values()], [...outlets.values()])
    const links = this.#lanes(layers, inner)
    arrange(layers)
    return this.#finish(layers, links, { inner, inlets, outlets, title })
  }

  /** Which item of this level a node is, or is in; null for one that lies outside. */
  #memberOf(node: string): string | null {
    let id: string | null = node
    while (id !== null) {
      const group: string | null = this.#groupOf.get(id) ?? null
      if (group === this.#group) return id
      id = group
    }
    return null
  }

  #add(id: string, { width, height }: Size, kind: Item['kind']): Item {
    const item: Item = { id, width, height, kind, layer: 0, x: 0, y: 0, above: [], below: [] }
    this.#items.set(id, item)
    return item
  }

  #port(ports: Map<string, Item>, id: string, source: string): string {
    if (!ports.has(source)) ports.set(source, this.#add(id, { width: LANE, height: 0 }, 'port'))
    return id
  }

  /** Items by layer: inlets above all, outlets below all, the others below what leads to them. */
  #layers(inlets: readonly Item[], outlets: readonly Item[]): Item[][] {
    const base = inlets.length > 0 ? 1 : 0
    const members = [...this.#items.values()].filter(({ kind }) => kind !== 'port')
    const incoming = new Map<string, string[]>()
    for (const { from, to } of this.#links.values()) incoming.set(to, [...(incoming.get(to) ?? []), from])
    let last = base
    // In order, so that what leads to an item has its layer already.
    for (const item of members) {
      const above = (incoming.get(item.id) ?? []).map((id) => this.#items.get(id) as Item)
      item.layer = Math.max(base, ...above.map((other) => (other.kind === 'port' ? 0 : other.layer) + 1))
      last = Math.max(last, item.layer)
    }
    for (const outlet of outlets) outlet.layer = last + 1
    const layers: Item[][] = Array.from({ length: last + (outlets.length > 0 ? 2 : 1) }, () => [])
    for (const item of this.#items.values()) layers[item.layer]?.push(item)
    return layers
  }

  /** Gives lines a place in every layer that they pass; those from one source share it. */
  #lanes(layers: readonly Item[][], inner: ReadonlyMap<string, Part>): Link[] {
    const links: Link[] = []
    const lanes = new Map<string, Item>()
    const joined = new Set<string>()
    const join = (from: Item, to: Item, source: string): void => {
      const key = `${from.id} ${to.id} ${source}`
      if (joined.has(key)) return
      joined.add(key)
      const link: Link = {
        from,
        to,
        fromOffset: inner.get(from.id)?.outlets.get(source) ?? 0,
        toOffset: inner.get(to.id)?.inlets.get(source) ?? 0,
      }
      from.below.push(link)
      to.above.push(link)
      links.push(link)
    }
    for (const { from, to, source } of this.#links.values()) {
      let before = this.#items.get(from) as Item
      const end = this.#items.get(to) as Item
      for (let layer = before.layer + 1; layer < end.layer; layer++) {
        const key = `lane ${source} ${layer}`
        let lane = lanes.get(key)
        if (!lane) {
          lane = { id: key, width: LANE, height: 0, kind: 'lane', layer, x: 0, y: 0, above: [], below: [] }
          lanes.set(key, lane)
          layers[layer]?.push(lane)
        }
        join(before, lane, source)
        before = lane
      }
      join(before, end, source)
    }
    return links
  }

  #finish(
    layers: readonly Item[][],
    links: readonly Link[],
    {
      inner,
      inlets,
      outlets,
      title,
    }: {
      readonly inner: ReadonlyMap<string, Part>
      readonly inlets: ReadonlyMap<string, Item>
      readonly outlets: ReadonlyMap<string, Item>
      readonly title: number
    },
  ): Part {
    const framed = this.#group !== null
    const items = layers.flat()
    const left = Math.min(0, ...items.map(({ x, width }) => x - width / 2))
    const right = Math.max(left + title, ...items.map(({ x, width }) => x + width / 2))
    const width = right - left + 2 * PADDING
    const bands: (readonly [number, number])[] = []
    let y = framed ? TITLE : PADDING
    for (const [i, layer] of layers.entries()) {
      const height = Math.max(0, ...layer.map((item) => item.height))
      const ports = layer.some(({ kind }) => kind === 'port')
      // Inlets lie on the upper border, outlets on the lower one.
      const top = ports && i === 0 ? 0 : y
      for (const item of layer) {
        item.x += PADDING - left
        item.y = top + height / 2
      }
      bands.push([top, top + height])
      y = ports && i === 0 ? y : top + height + LAYER_GAP
    }
    const bottom = outlets.size > 0 ? (bands.at(-1)?.[0] ?? y) : y - LAYER_GAP + PADDING
    const nodes = new Map<string, Box>()
    const groups = new Map<string, Box>()
    const lines: Line[] = links.map((link) => lineOf(link, bands))
    for (const item of items) {
      const box = { x: item.x - item.width / 2, y: item.y - item.height / 2, width: item.width, height: item.height }
      if (item.kind === 'node') nodes.set(item.id, box)
      const part = inner.get(item.id)
      if (!part) continue
      groups.set(item.id, box)
      for (const [id, b] of part.nodes) nodes.set(id, { ...b, x: b.x + box.x, y: b.y + box.y })
      for (const [id, b] of part.groups) groups.set(id, { ...b, x: b.x + box.x, y: b.y + box.y })
      for (const { points, arrow } of part.lines)
        lines.push({ points: points.map(([px, py]) => [px + box.x, py + box.y]), arrow })
    }
    const offsets = (ports: ReadonlyMap<string, Item>): Map<string, number> =>
      new Map([...ports].map(([source, { x }]) => [source, x - width / 2]))
    return { width, height: bottom, nodes, groups, lines, inlets: offsets(inlets), outlets: offsets(outlets) }
  }
}

/** Past higher boxes of its layers a line runs straight. */
function lineOf({ from, to, fromOffset, toOffset }: Link, bands: readonly (readonly [number, number])[]): Line {
  const [x, end] = [from.x + fromOffset, to.x + toOffset]
  const low = bands[from.layer]?.[1] ?? 0
  const high = bands[to.layer]?.[0] ?? 0
  const points: [number, number][] = []
  const add = (px: number, py: number): void => {
    const last = points.at(-1)
    if (last?.[0] !== px || last[1] !== py) points.push([px, py])
  }
  add(x, from.kind === 'lane' ? low : from.y + from.height / 2)
  add(x, low)
  add(end, high)
  add(end, to.kind === 'lane' ? (bands[to.layer]?.[1] ?? high) : to.y - to.height / 2)
  return { points, arrow: to.kind === 'node' }
}

/** Orders each layer by where its neighbours are, and places it. */
function arrange(layers: readonly Item[][]): void {
  for (const layer of layers) place(layer, (_, i) => i)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0
    for (const layer of down ? layers : [...layers].reverse()) {
      const wish = (item: Item): number => wishOf(down ? item.above : item.below, down) ?? item.x
      // The first half of the sweeps orders, the rest only moves.
      if (sweep < SWEEPS / 2) layer.sort((a, b) => wish(a) - wish(b))
      place(layer, wish)
    }
  }
  for (const layer of layers) place(layer, (item) => wishOf(item.above, true) ?? item.x)
}

/** Where an item's middle would be for its lines to be straight: their mean. */
function wishOf(links: readonly Link[], above: boolean): number | undefined {
  if (links.length === 0) return undefined
  const wishes = links.map((l) => (above ? l.from.x + l.fromOffset - l.toOffset : l.to.x + l.toOffset - l.fromOffset))
  return wishes.reduce((sum, x) => sum + x, 0) / wishes.length
}

/**
 * The places nearest to the wishes, in least squares, that keep the order and the gaps: without the gaps a sequence that does not fall,
 * found by pooling adjacent violators.
 */
function place(layer: readonly Item[], wish: (item: Item, i: number) => number): void {
  let before = 0
  const starts = layer.map((item, i) => {
    const previous = layer[i - 1]
    if (previous) before += (previous.width + item.width) / 2 + GAP
    return before
  })
  const pools: { sum: number; count: number }[] = []
  layer.forEach((item, i) => {
    let pool = { sum: wish(item, i) - (starts[i] as number), count: 1 }
    for (let last = pools.at(-1); last && last.sum / last.count >= pool.sum / pool.count; last = pools.at(-1)) {
      pools.pop()
      pool = { sum: pool.sum + last.sum, count: pool.count + last.count }
    }
    pools.push(pool)
  })
  let i = 0
  for (const { sum, count } of pools) {
    for (let k = 0; k < count; k++, i++) (layer[i] as Item).x = sum / count + (starts[i] as number)
  }
}
