import { testOps } from '../opspec/suite.js'
import { specs } from './embeddingBag.spec.js'

testOps(specs)
