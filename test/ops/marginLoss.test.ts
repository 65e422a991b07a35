import { testOps } from '../opspec/suite.js'
import { specs } from './marginLoss.spec.js'

testOps(specs)
