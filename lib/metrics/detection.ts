// How well boxes are found. Place in the whole: figures of object detection. Definition: COCO's (Lin and others 2014; pycocotools): greedy matching by
// falling score at ten overlaps, precision interpolated at 101 recalls, small, medium and large boxes by their area.
import { ShapeError, ValueError } from '../errors.js'
import { Metric, type MetricState } from './metric.js'
import { descending } from './values.js'

/** Corners (x0, y0, x1, y1), in pixels. */
export type BoxCorners = readonly [number, number, number, number]

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
  /** Average precision of each class that has boxes. */
  readonly perClass: ReadonlyMap<number, number>
}

const areaOf = ([x0, y0, x1, y1]: BoxCorners): number => Math.max(x1 - x0, 0) * Math.max(y1 - y0, 0)

/** Intersection over union of two boxes; 0 where both are empty. */
export function boxIou(a: BoxCorners, b: BoxCorners): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1])
  const common = Math.max(width, 0) * Math.max(height, 0)
  const union = areaOf(a) + areaOf(b) - common
  return union === 0 ? 0 : common / union
}

/** Areas in square pixels: from, up to. */
const AREAS = {
  all: [0, 1e10],
  small: [0, 32 ** 2],
  medium: [32 ** 2, 96 ** 2],
  large: [96 ** 2, 1e10],
} as const
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

/** Keeps all boxes; `compute` gives COCO's figures. */
export class MeanAveragePrecision extends Metric<MeanAveragePrecisionResult> {
  readonly #thresholds: readonly number[]
  readonly #most: number
  #images: Image[] = []

  constructor({ iouThresholds = linspace(0.5, 0.95, 10), maxDetections = 100 }: DetectionOptions = {}) {
    super()
    const odd = iouThresholds.find((t) => !(t > 0 && t <= 1))
    if (odd !== undefined || iouThresholds.length === 0)
      throw new ValueError(
        `MeanAveragePrecision: an overlap is ${odd ?? 'missing'}, expected more than 0 and at most 1`,
      )
    if (!(Number.isInteger(maxDetections) && maxDetections >= 1))
      throw new ValueError(
        `MeanAveragePrecision: maxDetections is ${maxDetections}, expected a whole number of at least 1`,
      )
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

  protected override result(): MeanAveragePrecisionResult {
    const classes = [...new Set(this.#images.flatMap(({ truths }) => truths.map(({ label }) => label)))].sort(
      (a, b) => a - b,
    )
    const curves = (area: Area): Map<number, Curve[]> =>
      new Map(classes.map((label) => [label, this.#thresholds.map((t) => this.#curve(label, area, t))]))
    const all = curves('all')
    const over = (of: ReadonlyMap<number, readonly Curve[]>, at: (threshold: number) => boolean = () => true): number =>
      meanOf(
        [...of.values()].flatMap((list) =>
          list.filter((_, i) => at(this.#thresholds[i] as number)).map(({ precision }) => precision),
        ),
      )
    const near =
      (value: number) =>
      (threshold: number): boolean =>
        Math.abs(threshold - value) < 1e-9
    return {
      map: over(all),
      map50: over(all, near(0.5)),
      map75: over(all, near(0.75)),
      mapSmall: over(curves('small')),
      mapMedium: over(curves('medium')),
      mapLarge: over(curves('large')),
      recall: meanOf([...all.values()].flat().map(({ recall }) => recall)),
      perClass: new Map([...all].map(([label, list]) => [label, meanOf(list.map(({ precision }) => precision))])),
    }
  }

  /** Average precision and recall of a class at an overlap, over boxes of an area; NaN where there are none. */
  #curve(label: number, area: Area, threshold: number): Curve {
    const [from, to] = AREAS[area]
    const within = (box: BoxCorners): boolean => areaOf(box) >= from && areaOf(box) <= to
    const scores: number[] = []
    const found: boolean[] = []
    let boxes = 0
    for (const image of this.#images) {
      const own = image.detections.filter((d) => d.label === label)
      const ordered = [...descending(own.map((d) => d.score))]
        .slice(0, this.#most)
        .map((i) => own[i] as Image['detections'][number])
      // Boxes outside the area count neither way, and are matched only where none inside is.
      const truths = image.truths
        .filter((t) => t.label === label)
        .map((t) => ({ ...t, ignored: !within(t.box), taken: false }))
        .sort((a, b) => Number(a.ignored) - Number(b.ignored))
      boxes += truths.filter((t) => !t.ignored).length
      for (const { box, score } of ordered) {
        let best: (typeof truths)[number] | undefined
        let overlap = Math.min(threshold, 1 - 1e-10)
        for (const truth of truths) {
          if (truth.taken || (best !== undefined && !best.ignored && truth.ignored)) continue
          const iou = boxIou(box, truth.box)
          if (iou < overlap) continue
          overlap = iou
          best = truth
        }
        if (best) best.taken = true
        if (best ? best.ignored : !within(box)) continue
        scores.push(score)
        found.push(best !== undefined)
      }
    }
    if (boxes === 0) return { precision: Number.NaN, recall: Number.NaN }
    return curveOf(
      [...descending(scores)].map((i) => found[i] as boolean),
      boxes,
    )
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
}

/** Of detections in falling order of score: the mean over 101 recalls of the best precision from there on. */
function curveOf(found: readonly boolean[], boxes: number): Curve {
  const recalls: number[] = []
  const precisions: number[] = []
  let hits = 0
  for (const [i, hit] of found.entries()) {
    if (hit) hits++
    recalls.push(hits / boxes)
    precisions.push(hits / (i + 1))
  }
  for (let i = precisions.length - 2; i >= 0; i--)
    precisions[i] = Math.max(precisions[i] as number, precisions[i + 1] as number)
  let [at, sum] = [0, 0]
  for (const recall of RECALLS) {
    while (at < recalls.length && (recalls[at] as number) < recall) at++
    sum += precisions[at] ?? 0
  }
  return { precision: sum / RECALLS.length, recall: recalls.at(-1) ?? 0 }
}

function meanOf(values: readonly number[]): number {
  const defined = values.filter((value) => !Number.isNaN(value))
  return defined.length === 0 ? Number.NaN : defined.reduce((sum, value) => sum + value, 0) / defined.length
}
