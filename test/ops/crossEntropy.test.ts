import { testOps } from '../opspec/suite.js'
import { specs } from './crossEntropy.spec.js'

testOps(specs)
