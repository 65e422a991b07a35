import { testOps } from '../opspec/suite.js'
import { specs } from './trig.spec.js'

testOps(specs)
