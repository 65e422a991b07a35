import { testOps } from '../opspec/suite.js'
import { specs } from './complex-linalg.spec.js'

testOps(specs)
