import { testOps } from '../opspec/suite.js'
import { specs } from './loss.spec.js'

testOps(specs)
