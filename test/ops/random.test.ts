import { testOps } from '../opspec/suite.js'
import { specs } from './random.spec.js'

testOps(specs)
