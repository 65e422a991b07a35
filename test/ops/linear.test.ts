import { testOps } from '../opspec/suite.js'
import { specs } from './linear.spec.js'

testOps(specs)
