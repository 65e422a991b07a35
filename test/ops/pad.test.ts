import { testOps } from '../opspec/suite.js'
import { specs } from './pad.spec.js'

testOps(specs)
