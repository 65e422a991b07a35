import { testOps } from '../opspec/suite.js'
import { specs } from './ctc.spec.js'

testOps(specs)
