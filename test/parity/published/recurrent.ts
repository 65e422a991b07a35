import { Seq2Seq } from '#lib/models/index.js'
import type { Published } from './published.js'

/** The weights of Sutskever et al.'s network, which has no biases, with vocabularies of so many words. */
function weights(sourceVocab: number, targetVocab: number): number {
  const model = new Seq2Seq({ sourceVocab, targetVocab, hidden: 1000, layers: 4, reverseSource: true })
  const count = [...model.parameters()].filter((p) => p.rank === 2).reduce((sum, p) => sum + p.numel, 0)
  model.dispose()
  return count
}

export const recurrent: readonly Published[] = [
  {
    name: 'LSTM encoder-decoder, without biases',
    source: 'Sutskever et al. 2014, section 3.4: 384M',
    parameters: 384_000_000,
    // Told from small vocabularies: a word more is a row more of each table.
    count: () => {
      const least = weights(1, 1)
      return least + 159_999 * (weights(2, 1) - least) + 79_999 * (weights(1, 2) - least)
    },
  },
]
