// lib/models: whole models, built from lib/nn, and generation.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export { type GenerateOptions, generate } from './generate.js'
export { GPT, type GPTConfig } from './gpt.js'
