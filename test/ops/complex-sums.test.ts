import { testOps } from '../opspec/suite.js'
import { specs } from './complex-sums.spec.js'

testOps(specs)
