import { language } from './language.js'
import type { Published } from './published.js'

/** All families, a line each. */
export const PUBLISHED: readonly Published[] = [...language]
