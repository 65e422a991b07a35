import { testOps } from '../opspec/suite.js'
import { specs } from './statistics.spec.js'

testOps(specs)
