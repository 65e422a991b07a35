// How well boxes are found. Place in the whole: figures of object detection, of what matching.ts finds. Definition: COCO's (Lin and others 2014;
// pycocotools): matches at ten overlaps, precision interpolated at 101 recalls, small, medium and large boxes by their area.

import { known, whole } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { Slice } from '../slice.js'
import { type AreaRange, type BoxCorners, match, Outcome, type Pairing, pair } from './matching.js'
import { Metric, type MetricState } from './metric.js'
import { descending } from './values.js'

/** What a model found in an image. */
export interface Detections {
  readonly boxes: readonly BoxCorners[]
  readonly scores: ArrayLike<number>
  /** Classes. */
  readonly labels: ArrayLike<number>
}

/** What there is in an image. */
export interface TrueBoxes {
  readonly boxes: readonly BoxCorners[]
  readonly labels: ArrayLike<number>
}

export interface DetectionOptions {
  /** Overlaps at which a box counts as found. Default 0.5, 0.55, ... 0.95. */
  readonly iouThresholds?: readonly number[]
  /** Detections an image and class, by score. Default 100. */
  readonly maxDetections?: number
}

export interface MeanAveragePrecisionResult {
  /** Over overlaps and classes; NaN where no class has a box, here and below. */
  readonly map: number
  readonly map50: number
  readonly map75: number
  readonly mapSmall: number
  readonly mapMedium: number
  readonly mapLarge: number
  /** The share of boxes found, over overlaps and classes. */
  readonly recall: number
  /** That of the best detection, and of the best 10, of each image and class. */
  readonly recallAt1: number
  readonly recallAt10: number
  readonly recallSmall: number
  readonly recallMedium: number
  readonly recallLarge: number
  /** Average precision of each class that has boxes. */
  readonly perClass: ReadonlyMap<number, number>
}

const AREAS = {
  all: [0, 1e10],
  small: [0, 32 ** 2],
  medium: [32 ** 2, 96 ** 2],
  large: [96 ** 2, 1e10],
} as const satisfies Readonly<Record<string, AreaRange>>
type Area = keyof typeof AREAS
/** As numpy's linspace rounds them, which decides where a recall is met exactly. */
function linspace(from: number, to: number, count: number): number[] {
  const width = (to - from) / (count - 1)
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? to : i * width + from))
}
const RECALLS = linspace(0, 1, 101)

interface Image {
  readonly detections: { box: BoxCorners; score: number; label: number }[]
  readonly truths: { box: BoxCorners; label: number }[]
}

/** The images of one class. */
type ClassImages = Image[]

/** Keeps all boxes; `compute` gives COCO's figures. */
export class MeanAveragePrecision extends Metric<MeanAveragePrecisionResult> {
  readonly #thresholds: readonly number[]
  readonly #most: number
  #images: Image[] = []

  constructor(options: DetectionOptions = {}) {
    known('MeanAveragePrecision', options, ['iouThresholds', 'maxDetections'])
    const { iouThresholds = linspace(0.5, 0.95, 10), maxDetections = 100 } = options
    super()
    const odd = iouThresholds.find((t) => !(t > 0 && t <= 1))
    if (odd !== undefined || iouThresholds.length === 0)
      throw new ValueError(
        `MeanAveragePrecision: an overlap is ${odd ?? 'missing'}, expected more than 0 and at most 1`,
      )
    whole('MeanAveragePrecision', { maxDetections }, 1)
    this.#thresholds = iouThresholds
    this.#most = maxDetections
  }

  /** One entry an image. @throws ShapeError where lists differ in length, ValueError for boxes whose corners are out of order or not finite */
  update(truths: readonly TrueBoxes[], detections: readonly Detections[]): void {
    if (truths.length !== detections.length)
      throw new ShapeError(
        `MeanAveragePrecision: ${truths.length} images with boxes for ${detections.length} with detections`,
      )
    const images = truths.map((truth, i): Image => {
      const { boxes, scores, labels } = detections[i] as Detections
      if (
        boxes.length !== scores.length ||
        boxes.length !== labels.length ||
        truth.boxes.length !== truth.labels.length
      )
        throw new ShapeError(`MeanAveragePrecision: image ${i}: as many boxes as scores and labels are needed`)
      for (const box of [...boxes, ...truth.boxes])
        if (!(box.every(Number.isFinite) && box[0] <= box[2] && box[1] <= box[3]))
          throw new ValueError(
            `MeanAveragePrecision: image ${i}: a box is (${box.join(', ')}), expected x0 <= x1 and y0 <= y1`,
          )
      return {
        detections: boxes.map((box, k) => ({ box, score: scores[k] as number, label: labels[k] as number })),
        truths: truth.boxes.map((box, k) => ({ box, label: truth.labels[k] as number })),
      }
    })
    this.#images.push(...images)
  }

  protected override async result(): Promise<MeanAveragePrecisionResult> {
    const slice = new Slice()
    const classes = this.#classes()
    const figures = new Map<number, Readonly<Record<Area, readonly Curve[]>>>()
    for (const label of [...classes.keys()].sort((a, b) => a - b)) {
      const own = classes.get(label) as ClassImages
      if (!own.some(({ truths }) => truths.length > 0)) continue
      const pairings = own.map(({ detections, truths }) => pair(detections, truths, this.#most))
      const order = descending(pairings.flatMap(({ scores }) => scores))
      const curves: Record<Area, readonly Curve[]> = { all: [], small: [], medium: [], large: [] }
      for (const area of Object.keys(AREAS) as Area[]) {
        curves[area] = this.#thresholds.map((threshold) => curveOf(pairings, order, threshold, AREAS[area]))
        await slice.rest()
      }
      figures.set(label, curves)
    }
    const over = (area: Area, of: keyof Curve, at?: number): number => {
      const counts = (_: Curve, i: number): boolean =>
        at === undefined || Math.abs((this.#thresholds[i] as number) - at) < 1e-9
      return meanOf([...figures.values()].flatMap((curves) => curves[area].filter(counts).map((curve) => curve[of])))
    }
    return {
      map: over('all', 'precision'),
      map50: over('all', 'precision', 0.5),
      map75: over('all', 'precision', 0.75),
      mapSmall: over('small', 'precision'),
      mapMedium: over('medium', 'precision'),
      mapLarge: over('large', 'precision'),
      recall: over('all', 'recall'),
      recallAt1: over('all', 'recallAt1'),
      recallAt10: over('all', 'recallAt10'),
      recallSmall: over('small', 'recall'),
      recallMedium: over('medium', 'recall'),
      recallLarge: over('large', 'recall'),
      perClass: new Map([...figures].map(([label, { all }]) => [label, meanOf(all.map((c) => c.precision))])),
    }
  }

  /** Of each class the images in which it is, or is found. */
  #classes(): Map<number, ClassImages> {
    const classes = new Map<number, ClassImages>()
    for (const { detections, truths } of this.#images) {
      const here = new Map<number, Image>()
      const of = (label: number): Image => {
        const entry = here.get(label) ?? { detections: [], truths: [] }
        here.set(label, entry)
        return entry
      }
      for (const detection of detections) of(detection.label).detections.push(detection)
      for (const truth of truths) of(truth.label).truths.push(truth)
      for (const [label, entry] of here) {
        const list = classes.get(label)
        if (list === undefined) classes.set(label, [entry])
        else list.push(entry)
      }
    }
    return classes
  }

  protected override clear(): void {
    this.#images = []
  }

  /** An image is a row of counts, then boxes with their scores and labels. */
  protected override gathered(): MetricState {
    const images = this.#images.map(({ detections, truths }) => [
      detections.length,
      ...detections.flatMap(({ box, score, label }) => [...box, score, label]),
      ...truths.flatMap(({ box, label }) => [...box, label]),
    ])
    return Object.fromEntries(images.map((values, i) => [String(i), values]))
  }

  protected override add(state: MetricState): void {
    for (const [count = 0, ...values] of Object.values(state)) {
      const image: Image = { detections: [], truths: [] }
      const corners = (i: number): BoxCorners => values.slice(i, i + 4) as unknown as BoxCorners
      for (let i = 0; i < 6 * count; i += 6)
        image.detections.push({ box: corners(i), score: values[i + 4] as number, label: values[i + 5] as number })
      for (let i = 6 * count; i < values.length; i += 5)
        image.truths.push({ box: corners(i), label: values[i + 4] as number })
      this.#images.push(image)
    }
  }
}

interface Curve {
  readonly precision: number
  readonly recall: number
  readonly recallAt1: number
  readonly recallAt10: number
}

const UNDEFINED: Curve = {
  precision: Number.NaN,
  recall: Number.NaN,
  recallAt1: Number.NaN,
  recallAt10: Number.NaN,
}

/**
 * Of a class at an overlap, over boxes of an area: the mean over 101 recalls of the best precision from there on, and the shares of boxes found.
 * `order` has the detections of all images in falling order of score.
 */
function curveOf(pairings: readonly Pairing[], order: Uint32Array, threshold: number, area: AreaRange): Curve {
  let [boxes, first, firstTen] = [0, 0, 0]
  const outcomes = new Uint8Array(order.length)
  let at = 0
  for (const pairing of pairings) {
    const matched = match(pairing, threshold, area)
    boxes += matched.boxes
    const hits = (count: number): number =>
      matched.outcomes.subarray(0, count).filter((outcome) => outcome === Outcome.right).length
    first += hits(1)
    firstTen += hits(10)
    outcomes.set(matched.outcomes, at)
    at += matched.outcomes.length
  }
  if (boxes === 0) return UNDEFINED
  const recalls: number[] = []
  const precisions: number[] = []
  let hits = 0
  for (const i of order) {
    if (outcomes[i] === Outcome.ignored) continue
    if (outcomes[i] === Outcome.right) hits++
    recalls.push(hits / boxes)
    precisions.push(hits / (precisions.length + 1))
  }
  for (let i = precisions.length - 2; i >= 0; i--)
    precisions[i] = Math.max(precisions[i] as number, precisions[i + 1] as number)
  let [reached, sum] = [0, 0]
  for (const recall of RECALLS) {
    while (reached < recalls.length && (recalls[reached] as number) < recall) reached++
    sum += precisions[reached] ?? 0
  }
  return {
    precision: sum / RECALLS.length,
    recall: recalls.at(-1) ?? 0,
    recallAt1: first / boxes,
    recallAt10: firstTen / boxes,
  }
}

function meanOf(values: readonly number[]): number {
  const defined = values.filter((value) => !Number.isNaN(value))
  return defined.length === 0 ? Number.NaN : defined.reduce((sum, value) => sum + value, 0) / defined.length
}
