import { testOps } from '../opspec/suite.js'
import { specs } from './split.spec.js'

testOps(specs)
