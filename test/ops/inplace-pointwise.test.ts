import { testOps } from '../opspec/suite.js'
import { specs } from './inplace-pointwise.spec.js'

testOps(specs)
