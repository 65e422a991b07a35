import { testOps } from '../opspec/suite.js'
import { specs } from './special.spec.js'

testOps(specs)
