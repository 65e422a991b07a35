/** Where on a drawing there is room for text. Place in the whole: plot.ts asks, so that its labels cover neither points nor lines. */

export interface Area {
  left: number
  right: number
  top: number
  bottom: number
}

/** Boxes that are taken: a label goes where it covers none. */
export class Places {
  readonly #area: Area
  readonly #taken: (readonly [x1: number, y1: number, x2: number, y2: number])[] = []

  constructor(area: Area) {
    this.#area = area
  }

  take(x1: number, y1: number, x2: number, y2: number): void {
    this.#taken.push([x1, y1, x2, y2])
  }

  /** Takes the box if it is free and inside the area. */
  try(x1: number, y1: number, x2: number, y2: number): boolean {
    const { left, right, top, bottom } = this.#area
    if (x1 < left || x2 > right || y1 < top || y2 > bottom) return false
    if (this.#taken.some(([a, b, c, d]) => x1 < c && a < x2 && y1 < d && b < y2)) return false
    this.take(x1, y1, x2, y2)
    return true
  }

  /** Boxes along a line, so that no label covers it. */
  takeLine(x1: number, y1: number, x2: number, y2: number): void {
    const steps = Math.ceil(Math.hypot(x2 - x1, y2 - y1) / 6)
    for (let i = 0; i <= steps; i++) {
      const [px, py] = [x1 + ((x2 - x1) * i) / steps, y1 + ((y2 - y1) * i) / steps]
      this.take(px - 2, py - 1, px + 2, py + 1)
    }
  }
}
