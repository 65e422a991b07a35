import { testOps } from '../opspec/suite.js'
import { specs } from './pool-adaptive.spec.js'

testOps(specs)
