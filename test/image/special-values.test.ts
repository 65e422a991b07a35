import { describe } from 'vitest'
import { imageSpecialValues } from '../helpers/image-special-values.js'

describe('fills and hues that are no finite numbers', () => imageSpecialValues())
