// Figures of a model on a part of the data. Place in the whole: what a configuration's runs evaluate as they go on, and what
// `sinter eval` prints.
import type { DataLoader } from '../data/loader.js'
import { ValueError } from '../errors.js'
import type { Module } from '../nn/module.js'
import { mul } from '../ops/binary.js'
import { softmax } from '../ops/softmax.js'
import { sigmoid } from '../ops/unary.js'
import type { Tensor } from '../tensor/tensor.js'
import { evaluate } from '../train/evaluate.js'
import type { Builder } from './component.js'
import type { Data } from './data.js'
import type { ConfigMetric, LossFunction } from './registry.js'
import type { Component } from './schema.js'

/** What is applied to outputs before a metric takes them. */
const ACTIVATIONS: Readonly<Record<string, (output: Tensor) => Tensor>> = {
  none: (output) => output,
  softmax: (output) => softmax(output, 1),
  sigmoid,
}

export interface Figure {
  readonly label: string
  readonly metric: ConfigMetric
  readonly activation: (output: Tensor) => Tensor
}

/** The metrics of a configuration: of each, `label` names the figure and `activation` is applied to the model's output. */
export async function figuresOf(builder: Builder, specs: readonly Component<'metric'>[]): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const [i, spec] of specs.entries()) {
    const path = ['metrics', i]
    const { label, activation = 'none', ...rest } = typeof spec === 'object' ? (spec as Record<string, unknown>) : {}
    const metric = await builder.build('metric', typeof spec === 'object' ? rest : spec, path, {})
    const apply = ACTIVATIONS[String(activation)]
    const names = Object.keys(ACTIVATIONS)
    if (apply === undefined)
      throw builder.error([...path, 'activation'], `found ${String(activation)}, expected one of ${names.join(', ')}`)
    const name = typeof spec === 'string' ? spec : String(rest['name'] ?? rest['export'] ?? metric.constructor.name)
    const figure = { label: label === undefined ? labelOf(name) : String(label), metric, activation: apply }
    if (figure.label === 'loss' || figures.some((other) => other.label === figure.label))
      throw builder.error([...path, 'label'], `there is another figure '${figure.label}': give this one another label`)
    figures.push(figure)
  }
  return figures
}

/** Accuracy is accuracy, F1 f1, AUROC auroc. */
const labelOf = (name: string): string =>
  /^[A-Z0-9]+$/.test(name) ? name.toLowerCase() : name.charAt(0).toLowerCase() + name.slice(1)

export interface Evaluated {
  readonly model: Module
  readonly data: Data
  readonly loader: DataLoader
  readonly loss: LossFunction
  readonly figures: readonly Figure[]
  /** Batches at most. */
  readonly limit?: number
}

/** The mean loss over all items, and the figures. A figure of several numbers comes as `label.name`. */
export async function evaluatePart(of: Evaluated): Promise<Record<string, number>> {
  const { model, data, loader, loss, figures, limit = Number.POSITIVE_INFINITY } = of
  for (const { metric } of figures) metric.reset()
  const result = await evaluate(model, first(loader, limit), (batch) => {
    const { input, target, count } = data.fields(batch)
    const output = model.call(input)
    for (const { metric, activation } of figures) metric.update(target, activation(output as Tensor))
    return { count, sums: { loss: mul(loss(output, target, batch, model), count) } }
  })
  for (const { label, metric } of figures) {
    const value = await computed(label, metric)
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
    if (typeof value === 'number') result[label] = value
    else for (const [name, number] of entries) if (typeof number === 'number') result[`${label}.${name}`] = number
  }
  return result
}

async function computed(label: string, metric: ConfigMetric): Promise<unknown> {
  try {
    return await metric.compute()
  } catch (cause) {
    throw new ValueError(`metrics: ${label}: ${(cause as Error).message}`)
  }
}

async function* first<B>(batches: AsyncIterable<B>, limit: number): AsyncGenerator<B> {
  let count = 0
  if (limit <= 0) return
  for await (const batch of batches) {
    yield batch
    if (++count >= limit) return
  }
}
