import { testOps } from '../opspec/suite.js'
import { specs } from './ternary.spec.js'

testOps(specs)
