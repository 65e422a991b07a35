import { testOps } from '../opspec/suite.js'
import { specs } from './weighted.spec.js'

testOps(specs)
