import { testOps } from '../opspec/suite.js'
import { specs } from './complex.spec.js'

testOps(specs)
