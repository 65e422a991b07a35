import { testOps } from '../opspec/suite.js'
import { specs } from './bessel.spec.js'

testOps(specs)
